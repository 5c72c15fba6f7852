const keys: [string, string][] = [
  ["Arrow keys", "from step to step, through the parts"],
  ["Tab", "into the selected step"],
  ["Enter", "to the properties"],
  ["Alt + arrow keys", "move what is selected"],
  ["Ctrl + K", "search and add"],
  ["Ctrl + Z, Ctrl + Y", "undo, redo"],
  ["Ctrl + C, X, V, D", "copy, cut, paste, duplicate"],
  ["Delete", "delete"],
  ["F, +, −", "show all, zoom"],
];

/** Help is shown while nothing is selected. */
export function Help() {
  return (
    <div className="properties">
      <p className="hint">
        Select a step or something on it to change it. Drag parts from the left, and lines from a button's dot to where it leads.
      </p>
      <dl className="keys">
        {keys.map(([name, does]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
