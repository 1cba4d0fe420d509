/** The file by which an operator holds repairs back. */

/** Whether `pause` exists in the state directory: checks go on, repairs wait. */
export async function pauseRequested(directory: string): Promise<boolean> {
  try {
    await Deno.lstat(`${directory}/pause`);
    return true;
  } catch (error) {
    // Whatever cannot be seen might be a request.
    return !(error instanceof Deno.errors.NotFound);
  }
}
