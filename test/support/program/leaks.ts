/** Finding secrets in text, in every form in which programs write them. */

/** The forms of `secrets` that the text holds, by form and secret. */
export function leaks(text: string, secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) =>
    Object.entries(formsOf(secret)).filter(([, form]) => text.includes(form)).map(([name, form]) => {
      const at = text.indexOf(form);
      return `${name} of ${secret}: ${text.slice(Math.max(0, at - 60), at + form.length + 20)}`;
    })
  );
}

function formsOf(secret: string): Record<string, string> {
  const bytes = new TextEncoder().encode(secret);
  return {
    itself: secret,
    "as JSON": JSON.stringify(secret).slice(1, -1),
    "as SQL": secret.replaceAll("\\", "\\\\").replaceAll("'", "\\'"),
    "percent-encoded": encodeURIComponent(secret),
    "as a form": new URLSearchParams([["", secret]]).toString().slice(1),
    "in hexadecimal": bytes.toHex(),
    // Behind a text of any length: three bytes make four characters, so there are three ways.
    ...Object.fromEntries([0, 1, 2].map((before) => {
      const padded = new Uint8Array([...new Uint8Array(before), ...bytes]).toBase64();
      const [from, to] = [before === 0 ? 0 : 4, Math.floor((before + bytes.length) / 3) * 4];
      return [`in base64 (${before})`, padded.slice(from, to)];
    })),
  };
}
