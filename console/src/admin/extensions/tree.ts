import type { Node, Operation, Path } from "./api";

/** Leaves of the tree that are in the same part of it. */
export interface Group {
  title: string;
  options: { value: string; label: string }[];
}

/** groupsOf are the leaves that the operation is allowed on, by the innermost part of the tree that they are in; parts without any are left out. */
export function groupsOf(nodes: readonly Node[], operation: Operation, title = ""): Group[] {
  const inner = (node: Node) => node.children.length > 0;
  const leaves = nodes.filter((node) => !inner(node) && node.allowedOperations.includes(operation));
  const own = { title, options: leaves.map((node) => ({ value: node.path, label: node.title })) };
  const below = nodes.filter(inner).flatMap((node) => groupsOf(node.children, operation, node.title));
  return [own, ...below].filter((group) => group.options.length > 0);
}

/** others are the paths that are chosen and that no group offers. */
export const others = (groups: readonly Group[], chosen: readonly Path[]): string[] =>
  chosen.map((one) => one.path).filter((path) => !groups.some((group) => group.options.some((option) => option.value === path)));

/** chosenOf are the paths of a part after the choice there; those of the others stay, and what was chosen before stays encrypted. */
export function chosenOf(before: readonly Path[], offered: readonly string[], chosen: readonly string[]): Path[] {
  const stay = before.filter(({ path }) => !offered.includes(path) || chosen.includes(path));
  const more = chosen.filter((path) => !before.some((one) => one.path === path));
  return [...stay, ...more.map((path) => ({ path, encrypted: false }))];
}
