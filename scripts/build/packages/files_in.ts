/** All files of a folder, as paths in it, sorted. */
export async function filesIn(folder: string, path = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${path}`)) {
    if (isDirectory) found.push(...await filesIn(folder, `${path}${name}/`));
    else found.push(path + name);
  }
  return found.sort();
}
