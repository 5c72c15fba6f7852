// What the APIs of flows take and answer, as their OpenAPI documents say it: scripts/console-types makes generated/ from those.
import type { components as Management } from "./generated/flow-management";
import type { components as Publishing } from "./generated/flow-publication";

type Managed = Management["schemas"];
type Published = Publishing["schemas"];

export type FlowType = Managed["FlowType"];
export const flowTypes = ["REGISTRATION", "PASSWORD_RECOVERY", "INVITED_USER_REGISTRATION"] as const satisfies FlowType[];
export const isFlowType = (value: unknown): value is FlowType => flowTypes.includes(value as FlowType);

export type Definition = Managed["Definition"];
export type Step = Managed["Step"];
export type Component = Managed["Component"];
export type Action = Managed["Action"];
export type Template = Managed["Template"];
export type Meta = Managed["Meta"];
export type FlowConfig = Managed["FlowConfig"];

export type Version = Published["Version"];
export type History = Published["History"];
export type Publication = Published["Publication"];
export type Draft = Published["Draft"];
/** The answer to a save: the draft without its document. */
export type SavedDraft = Published["SavedDraft"];
export type FlowProblem = Published["DefinitionProblem"];
export type Overview = Published["Overview"];
export type Difference = Published["Diff"];
export type Change = Published["Change"];
