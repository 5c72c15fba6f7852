import type { ReactNode } from "react";

export interface Column<Row> {
  label: ReactNode;
  cell: (row: Row) => ReactNode;
  /** At the end of the line: numbers, and buttons. */
  end?: boolean;
}

export interface TableProps<Row> {
  /** Said to those who do not see what the table is about. */
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string | number;
}

/** Table shows rows, in a narrow window as cards: there each cell says by itself what it is. */
export function Table<Row>({ label, columns, rows, rowKey }: TableProps<Row>) {
  return (
    <div className="table-frame">
      <table className="table">
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {columns.map((column, i) => (
              <th key={String(i)} scope="col" className={column.end ? "table-end" : undefined}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column, i) => (
                <td key={String(i)} className={column.end ? "table-end" : undefined} data-label={wordsOf(column.label)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** wordsOf is what stands before a cell that stands by itself: nothing before buttons, whose label is not seen. */
const wordsOf = (label: ReactNode) => (typeof label === "string" ? label : undefined);
