import { useEffect, useState } from "react";

/** useSettled follows the value once it has stayed for a while, in milliseconds: what is typed is not asked for letter by letter. */
export function useSettled<T>(value: T, after = 300): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), after);
    return () => clearTimeout(timer);
  }, [value, after]);
  return settled;
}
