export { type Action, type Actions, steeringActions, toPage } from "./admin-actions.ts";
export { createAdminListener } from "./admin.ts";
export { Clock, DAY_MS } from "./clock.ts";
export { type ProgramLine, programFlags, toShare, toWhole } from "./command-line.ts";
export { type FaultRule, Faults, type FaultState, isFaultOf } from "./faults.ts";
export {
  type Fields,
  flagField,
  isFields,
  listField,
  numberField,
  objectField,
  textField,
  textsField,
} from "./fields.ts";
export { type Due, Heap } from "./heap.ts";
export { type DelayMs, drawDelayMs, type KnobRules, readKnobs } from "./knobs.ts";
export { type Address, createMatcher, type Match, type Matcher } from "./matcher.ts";
export { type OpenAnswer, type OpenReply, type OpenRequest, toOpenAnswer } from "./open-answer.ts";
export { parseJson, parseObject } from "./parse-json.ts";
export { pickFlags, pickNumbers, pickTexts, requireNumber, requireText } from "./pick-fields.ts";
export { createRandom, hash } from "./random.ts";
export { readFault } from "./read-fault.ts";
export type { ReceivedBody } from "./read-body.ts";
export { receive } from "./receive.ts";
export { type LoggedRequest, type LogQuery, readLogQuery, RequestLog, selectRequests } from "./request-log.ts";
export { type Program, runProgram } from "./run-program.ts";
export { type Answer, type Disturbance, endBefore, sendAnswer, type Sending } from "./send-answer.ts";
export { type Listening, type StandInServer, startServer } from "./start-server.ts";
export { createSteering, type Steered, type Steering } from "./steering.ts";
