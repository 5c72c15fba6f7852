const units: [name: string, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** lasting says a time in seconds in the units that people count in: 5400 is "1 hour 30 minutes". */
export function lasting(seconds: number): string {
  const parts: string[] = [];
  let left = seconds;
  for (const [unit, length] of units) {
    const n = unit === "second" ? Number(left.toFixed(3)) : Math.floor(left / length);
    left -= n * length;
    if (n > 0) parts.push(new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "long" }).format(n));
  }
  return parts.join(" ") || "no time";
}
