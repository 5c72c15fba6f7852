import type { Meta, Step } from "./api";

/** A way to pass a step of a login, as it can be chosen. */
export interface Way {
  key: string;
  label: string;
  authenticator: string;
  idp: string;
}

interface Connection {
  name: string;
  kind: string;
  isEnabled: boolean;
}

/** The idp of an authenticator that this server has itself. */
const local = "LOCAL";

const keyOf = (authenticator: string, idp: string) => `${authenticator} ${idp}`;

/** waysOf are the ways there are: the server's own, and one for each connection that is switched on. */
export function waysOf(meta: Meta, connections: readonly Connection[]): Way[] {
  return meta.authenticators.flatMap(({ authenticator, label, kind }) => {
    if (!kind) return [{ key: keyOf(authenticator, local), label, authenticator, idp: local }];
    return connections
      .filter((one) => one.kind === kind && one.isEnabled)
      .map(({ name }) => ({ key: keyOf(authenticator, name), label: labelOf(label, name), authenticator, idp: name }));
  });
}

/** wayOf is the way of an option, which may not be there any more. */
export function wayOf(option: Step["options"][number], meta: Meta | undefined): Way {
  const { authenticator, idp } = option;
  const label = meta?.authenticators.find((one) => one.authenticator === authenticator)?.label ?? authenticator;
  return { key: keyOf(authenticator, idp), label: idp === local ? label : labelOf(label, idp), authenticator, idp };
}

const labelOf = (label: string, name: string) => (label === name ? name : `${name} (${label})`);

/** numbered counts the steps anew. */
export const numbered = (steps: Step[]): Step[] => steps.map((step, i) => ({ ...step, id: i + 1 }));

/** moved puts the step that is at a place before the one that was there. */
export function moved(steps: Step[], from: number, to: number): Step[] {
  const step = steps[from];
  return step && to >= 0 && to < steps.length ? numbered(steps.toSpliced(from, 1).toSpliced(to, 0, step)) : steps;
}

export function withWay(steps: Step[], at: number, way: Way): Step[] {
  const option = { authenticator: way.authenticator, idp: way.idp };
  if (at === steps.length) return numbered([...steps, { options: [option] }]);
  return steps.map((step, i) => (i === at ? { ...step, options: [...step.options, option] } : step));
}

/** withoutWay takes an option out of a step, and the step where it was the last one. */
export function withoutWay(steps: Step[], at: number, key: string): Step[] {
  return numbered(
    steps
      .map((step, i) => (i === at ? { ...step, options: step.options.filter((one) => keyOf(one.authenticator, one.idp) !== key) } : step))
      .filter((step) => step.options.length > 0),
  );
}
