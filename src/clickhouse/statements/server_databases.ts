/** Databases of the server itself, which are never synced. */
export const SERVER_DATABASES = "('system', 'information_schema', 'INFORMATION_SCHEMA')";
