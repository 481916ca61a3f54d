// GitHub's own parser, for github.py: a line is a JSON list of questions, or of answers.
//
// {expression, contexts, results}, both objects as JSON: {value}, {refused, offset} or {failed}.
// {workflow}: what is wrong with it, and the condition of each job.
import { registerHooks } from "node:module";
import { createInterface } from "node:readline";

import { data, Evaluator, Lexer, Parser } from "@actions/expressions";

// It imports its schema as bundlers take it: without saying that it is JSON.
const importAttributes = { type: "json" };
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith(".json") ? { ...context, importAttributes } : context),
});
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } =
  await import("@actions/workflow-parser");

const MANY = Number.MAX_SAFE_INTEGER;
const ARITIES = {
  always: [0, 0], cancelled: [0, 0], failure: [0, MANY], success: [0, MANY],
  hashFiles: [1, 255],
};

function toPlain(value) {
  switch (value.kind) {
    case data.Kind.Number:
      return { number: Object.is(value.value, -0) ? "-0" : String(value.value) };
    case data.Kind.Array:
      return value.values().map(toPlain);
    case data.Kind.Dictionary:
      return { object: value.pairs().map((pair) => [pair.key, toPlain(pair.value)]) };
    default:
      return value.kind === data.Kind.Null ? null : value.value;
  }
}

// Where a word is refused; null where the parser does not tell.
function offset(error) {
  const said = /Located at position (\d+) within/.exec(error.message);
  if (said) return Number(said[1]) - 1;
  return error.pos?.line === 0 ? error.pos.column : null;
}

function evaluate(question) {
  const contexts = JSON.parse(question.contexts, data.reviver);
  const results = JSON.parse(question.results, data.reviver);
  const functions = Object.entries(ARITIES).map(([name, [minArgs, maxArgs]]) => (
    { name, minArgs, maxArgs, call: () => results.get(name) ?? new data.Null() }
  ));
  let tree;
  try {
    const { tokens } = new Lexer(question.expression).lex();
    tree = new Parser(tokens, contexts.keys, functions).parse();
  } catch (error) {
    return { refused: error.message, offset: offset(error) };
  }
  if (!tree) return { refused: "An expression was expected", offset: 0 };
  const called = new Map(functions.map((one) => [one.name.toLowerCase(), one]));
  try {
    return { value: toPlain(new Evaluator(tree, contexts, called).evaluate()) };
  } catch (error) {
    return { failed: error.message };
  }
}

async function check({ workflow }) {
  const file = { name: "workflow.yml", content: workflow };
  const { context, value } = parseWorkflow(file, new NoOperationTraceWriter());
  const template = value ? await convertWorkflowTemplate(context, value) : {};
  const jobs = template.jobs ?? [];
  return {
    errors: context.errors.getErrors().map((error) => error.message),
    conditions: Object.fromEntries(jobs.map((job) => [job.id.value, job.if.expression])),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const answers = [];
  for (const question of JSON.parse(line)) {
    answers.push("workflow" in question ? await check(question) : evaluate(question));
  }
  console.log(JSON.stringify(answers));
}
