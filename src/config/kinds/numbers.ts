/** Kinds of settings that are numbers. */
import { type Given, type Kind, RefusedValue, type Setting, setting, type Spec } from "../setting.ts";

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A number of this form within the bounds, both included. */
function bounded(what: string, form: RegExp, { min, max }: Bounds): Kind<number> {
  return {
    accepts: `${what}, ${min} to ${max}`,
    bounds: { min, max },
    parse: (text) => {
      const value = Number(text);
      return form.test(text) && value >= min && value <= max ? value : new RefusedValue();
    },
  };
}

const DIGITS = /^\d{1,15}$/;

export function wholeNumber<S extends Spec<number> & Bounds>(spec: S): Setting<Given<S, number>> {
  return setting(spec, bounded("a whole number", DIGITS, spec));
}

export function seconds<S extends Spec<number> & Bounds>(spec: S): Setting<Given<S, number>> {
  return setting(spec, bounded("whole seconds", DIGITS, spec));
}

export function milliseconds<S extends Spec<number> & Bounds>(spec: S): Setting<Given<S, number>> {
  return setting(spec, bounded("whole milliseconds", DIGITS, spec));
}

export function port<S extends Spec<number>>(spec: S): Setting<Given<S, number>> {
  return setting(spec, bounded("a port", DIGITS, { min: 1, max: 65_535 }));
}

export function percent<S extends Spec<number>>(spec: S): Setting<Given<S, number>> {
  return setting(spec, bounded("a number", /^\d{1,9}(\.\d{1,9})?$/, { min: 0, max: 100 }));
}

/**
 * Bytes, with a unit or without, in capitals or not. Units count as those of GNU's programs do: `M` and `MiB` are
 * 1,048,576 bytes, `MB` is 1,000,000.
 */
export function bytes<S extends Spec & Partial<Bounds>>(spec: S): Setting<Given<S, number>> {
  const { min = 0, max = Infinity } = spec;
  const range = spec.max === undefined ? "" : `, ${min} to ${max}`;
  return setting(spec, {
    accepts:
      `a number of bytes${range}: plain, or in K, M, G, T (KiB, MiB, GiB, TiB; powers of 1024) or KB, MB, GB, ` +
      "TB (powers of 1000)",
    ...spec.max === undefined ? {} : { bounds: { min, max } },
    parse: (text) => {
      const [, digits, unit = "", style = ""] = /^(\d{1,15})(?:([KMGT])(B|iB)?)?$/i.exec(text) ?? [];
      const base = style.toUpperCase() === "B" ? 1000 : 1024;
      const value = Number(digits) * base ** " KMGT".indexOf(unit.toUpperCase() || " ");
      return value >= min && value <= max ? value : new RefusedValue();
    },
  });
}
