/** spaced makes words of a name that is written in one: OneTimeCodeExecutor is "One time code". */
export function spaced(name: string): string {
  const words = name
    .replace(/Executor$/, "")
    .replace(/[_-]+/g, " ")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .split(" ")
    .map((word, i) => (i > 0 && /^[A-Z][a-z]+$/.test(word) ? word.toLowerCase() : word));
  return words.join(" ");
}
