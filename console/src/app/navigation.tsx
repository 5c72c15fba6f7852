import { AppWindow, Blocks, LogIn, Mail, Palette, Plug, ScrollText, Send, Settings, Tags, Users, Workflow } from "lucide-react";
import type { ReactNode } from "react";
import { may } from "../admin/scopes";
import { mayView } from "../api/flows";

/** A part of the console, shown to whoever has the scope. */
export interface Part {
  path: string;
  label: string;
  icon: ReactNode;
  scope: string;
}

/** Parts that belong together, under a heading. */
export interface Group {
  label: string;
  parts: Part[];
}

export const groups: Group[] = [
  {
    label: "Journeys",
    parts: [
      { path: "/flows", label: "Flows", icon: <Workflow size={18} aria-hidden />, scope: mayView },
      { path: "/applications", label: "Applications", icon: <AppWindow size={18} aria-hidden />, scope: may.viewApplications },
      { path: "/connections", label: "Connections", icon: <Plug size={18} aria-hidden />, scope: may.viewConnections },
      { path: "/extensions", label: "Extensions", icon: <Blocks size={18} aria-hidden />, scope: may.viewExtensions },
      { path: "/sign-in", label: "Sign-in", icon: <LogIn size={18} aria-hidden />, scope: may.viewApplications },
    ],
  },
  {
    label: "People",
    parts: [
      { path: "/users", label: "Users", icon: <Users size={18} aria-hidden />, scope: may.listUsers },
      { path: "/attributes", label: "Attributes", icon: <Tags size={18} aria-hidden />, scope: may.viewAttributes },
    ],
  },
  {
    label: "Look and words",
    parts: [
      { path: "/branding", label: "Branding", icon: <Palette size={18} aria-hidden />, scope: may.viewBranding },
      { path: "/messages", label: "Messages", icon: <Mail size={18} aria-hidden />, scope: may.viewMessages },
    ],
  },
  {
    label: "System",
    parts: [
      { path: "/outbox", label: "Outbox", icon: <Send size={18} aria-hidden />, scope: may.viewOutbox },
      { path: "/audit-log", label: "Audit log", icon: <ScrollText size={18} aria-hidden />, scope: may.viewAuditLog },
      { path: "/settings", label: "Settings", icon: <Settings size={18} aria-hidden />, scope: may.viewServerInfo },
    ],
  },
];
