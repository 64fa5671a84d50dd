/* What each kind of target has around its boxes. A bundle of its own: one response in words needs none of it. */
import { wireForm } from "./form.js";
import { wireSteps } from "./steps.js";
import { wireTrajectory } from "./trajectory.js";
import { wireTurns } from "./turns.js";

const KINDS = { json: wireForm, tool_calls: wireSteps, trajectory: wireTrajectory, messages: wireTurns };

export function wireTarget(desk) {
  KINDS[desk.data.kind]?.(desk);
}
