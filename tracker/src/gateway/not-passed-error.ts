import type { GatewayProblem } from "./answer-problem.ts";

/** Thrown before anything was answered. */
export class NotPassedError extends Error {
  readonly problem: GatewayProblem;

  constructor(problem: GatewayProblem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.problem = problem;
  }
}
