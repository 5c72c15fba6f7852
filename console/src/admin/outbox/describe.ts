import type { Tone } from "../../ui/shown";
import type { Delivery, Message, State } from "./api";

/** states say how far a message has come. */
export const states: Record<State, { label: string; tone: Tone }> = {
  waiting: { label: "Waiting", tone: "info" },
  sending: { label: "Being sent", tone: "info" },
  delivered: { label: "Delivered", tone: "good" },
  given_up: { label: "Given up", tone: "bad" },
  expired: { label: "Expired", tone: "warn" },
  dropped: { label: "Dropped", tone: "plain" },
};

/** isState tells whether the text, of an address, is a state. */
export const isState = (text: string): text is State => text in states;

/** isFree tells whether something can be done about the message. */
export const isFree = ({ state }: Message): boolean => state === "waiting" || state === "given_up";

/** isWorthIt tells whether a message still means something at the time, in milliseconds. */
export const isWorthIt = ({ expiresAt }: Message, now = Date.now()): boolean => expiresAt === undefined || Date.parse(expiresAt) > now;

/** wayOf says where messages go on this server. */
export function wayOf({ email, sms, folder }: Delivery): string {
  const files = folder ? `files in the folder ${folder} of the server` : "files on the server, not to people";
  if (email === "files" && sms === "files") return `E-mail and text messages become ${files}.`;
  return [
    email === "smtp" ? "E-mail goes to a mail server." : `E-mail becomes ${files}.`,
    sms === "http" ? "Text messages go to a gateway." : `Text messages become ${files}.`,
  ].join(" ");
}
