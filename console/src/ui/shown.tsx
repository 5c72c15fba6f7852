import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

export type Tone = "plain" | "good" | "warn" | "bad" | "info";

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}

export interface NoticeProps {
  tone?: "info" | "warn" | "bad";
  children: ReactNode;
  /** A button at its end. */
  action?: ReactNode;
}

/** Notice says something about what is shown below it. A bad one is read out. */
export function Notice({ tone = "info", children, action }: NoticeProps) {
  const Icon = { info: Info, warn: TriangleAlert, bad: CircleAlert }[tone];
  return (
    <div className={`notice notice-${tone}`} role={tone === "bad" ? "alert" : undefined}>
      <Icon size={18} aria-hidden />
      <div>{children}</div>
      {action}
    </div>
  );
}

export interface EmptyProps {
  title: string;
  /** The level of the title: 1 where it is all there is on a page. */
  level?: 1 | 2;
  children?: ReactNode;
  action?: ReactNode;
}

/** Empty stands where there is nothing yet. */
export function Empty({ title, level = 2, children, action }: EmptyProps) {
  const Heading = `h${level}` as const;
  return (
    <div className="empty">
      <Heading className="empty-title">{title}</Heading>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

/** Skeleton stands where something will be, in its height (a CSS length). */
export function Skeleton({ height = "1.25rem", width = "100%" }: { height?: string; width?: string }) {
  return <span className="skeleton" style={{ height, width }} aria-hidden />;
}

/** Loading is said while skeletons are seen. */
export function Loading({ children }: { children: ReactNode }) {
  return (
    <div aria-busy="true">
      <span className="visually-hidden" role="status">
        Loading
      </span>
      {children}
    </div>
  );
}

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** When shows a moment as people say it, and exactly on request. */
export function When({ at, now = Date.now() }: { at: string; now?: number }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={moment.format(date)}>
      {ago((date.getTime() - now) / 1000) ?? moment.format(date)}
    </time>
  );
}

/** ago says how far away something is, in seconds; undefined for what is better said by its date. */
export function ago(seconds: number): string | undefined {
  if (Math.abs(seconds) >= 14 * 86_400) return undefined;
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return "just now";
}
