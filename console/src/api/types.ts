// What the APIs of flows take and answer.

export const flowTypes = ["REGISTRATION", "PASSWORD_RECOVERY", "INVITED_USER_REGISTRATION"] as const;
export type FlowType = (typeof flowTypes)[number];

export const isFlowType = (value: unknown): value is FlowType => flowTypes.includes(value as FlowType);

export interface Author {
  id: string;
  name: string;
}

/** A version without its document. */
export interface Version {
  number: number;
  created: string;
  author?: Author;
  note: string;
  live: boolean;
}

/** A draft without its document. */
export interface SavedDraft {
  revision: number;
  /** Number of the version that it was made from, 0 for none. */
  base: number;
  saved: string;
  author?: Author;
}

export interface Draft extends SavedDraft {
  flowType: FlowType;
  /** Left out of the answer to a save. */
  definition?: Definition;
  problems: FlowProblem[];
}

/** What keeps a definition from running. */
export interface FlowProblem {
  code: string;
  message: string;
  stepId?: string;
  componentId?: string;
}

export interface Overview {
  flowType: FlowType;
  isEnabled: boolean;
  /** null where nobody published a version: the default is live. */
  live: Version | null;
  draft: (SavedDraft & { behind: boolean }) | null;
  executions: { running: number; started: number; finished: number; expired: number };
}

export interface History {
  flowType: FlowType;
  versions: Version[];
  /** What to ask for as before for the next page; absent on the last one. */
  next?: number;
}

export interface Action {
  type?: string;
  executor?: { name: string; meta?: Record<string, unknown> };
  next?: string;
}

export interface Component {
  id: string;
  category?: string;
  type: string;
  variant?: string;
  components?: Component[];
  action?: Action;
  config?: Record<string, unknown>;
}

export interface Step {
  id: string;
  type: string;
  data?: { components?: Component[]; action?: Action };
  size?: { width: number; height: number };
  position?: { x: number; y: number };
}

export interface Definition {
  flowType: FlowType;
  steps: Step[];
}

export interface Template {
  name: string;
  label: string;
  description: string;
  default: boolean;
  definition: Definition;
}

export interface Change {
  kind: "added" | "removed" | "changed" | "moved" | "reordered";
  thing: "step" | "component" | "action" | "property";
  path: string;
  stepId?: string;
  componentId?: string;
  old?: unknown;
  new?: unknown;
}

export interface Difference {
  flowType: FlowType;
  logic: Change[];
  layout: Change[];
}
