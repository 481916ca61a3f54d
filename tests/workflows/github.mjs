// GitHub's own parser, for github.py: a line is a JSON list of questions, or of answers.
//
// {expression, contexts, results}, both objects as JSON: {value}, {refused, offset} or {failed}.
// {workflow}: what is wrong with it, and the condition of each job.
// {template}: what is made of a text with `${{ }}`, as `content` writes it, or {refused}.
// {condition, place}: the expression that an `if` becomes, {expression, tree}, or {refused}.
// {document, action}: the YAML of a file, {root} or {refused}, and what is said of a workflow of
// it: {errors, jobs}, of which jobs is null where there are errors, or where it is an action.
import { registerHooks } from "node:module";
import { createInterface } from "node:readline";

import { data, Evaluator, FeatureFlags, Lexer, Parser } from "@actions/expressions";

// It imports its schema as bundlers take it: without saying that it is JSON.
const importAttributes = { type: "json" };
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith(".json") ? { ...context, importAttributes } : context),
});
const parser = "@actions/workflow-parser";
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import(parser);
const { parseAction } = await import(`${parser}/actions/action-parser`);
const { convertToIfCondition } = await import(`${parser}/model/converter/if-condition`);
const { JSONObjectReader } = await import(`${parser}/templates/json-object-reader`);
const { TemplateSchema } = await import(`${parser}/templates/schema/index`);
const { TemplateContext, TemplateValidationErrors } =
  await import(`${parser}/templates/template-context`);
const { readTemplate } = await import(`${parser}/templates/template-reader`);
const { StringToken } = await import(`${parser}/templates/tokens/index`);
const { TokenType } = await import(`${parser}/templates/tokens/types`);
const { getWorkflowSchema } = await import(`${parser}/workflows/workflow-schema`);
const { YamlObjectReader } = await import(`${parser}/workflows/yaml-object-reader`);

// Of a text over several lines the reader takes what the file says, with its indentation and
// quotes, to tell places in it.  The server takes what YAML makes of it, and so does this.
const { getLiteralToken } = YamlObjectReader;
YamlObjectReader.getLiteralToken = (...given) => {
  const token = getLiteralToken(...given);
  if (token instanceof StringToken) token.source = undefined;
  return token;
};

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

const CONTEXTS = [
  "env", "github", "inputs", "job", "jobs", "matrix", "needs", "runner", "secrets", "steps",
  "strategy", "vars",
];
const EVERYWHERE = [
  ...CONTEXTS,
  ...Object.entries(ARITIES).map(([name, [least, most]]) => (
    `${name}(${least},${most === MANY ? "MAX" : most})`
  )),
];
const schema = TemplateSchema.load(new JSONObjectReader(undefined, JSON.stringify({
  version: "1", definitions: { text: { context: EVERYWHERE, string: {} } },
})));

// A document of one text.
class TextReader {
  #text;
  constructor(text) { this.#text = text; }
  validateStart() {}
  validateEnd() {}
  allowLiteral() {
    const at = { line: 1, column: 1 };
    return new StringToken(undefined, { start: at, end: at }, this.#text, undefined);
  }
}

function toTree(text) {
  const functions = Object.entries(ARITIES).map(([name, [minArgs, maxArgs]]) => (
    { name, minArgs, maxArgs }
  ));
  return branch(new Parser(new Lexer(text).lex().tokens, CONTEXTS, functions).parse());
}

function branch(node) {
  switch (node.constructor.name) {
    case "Literal":
      // Its value lacks the quotes behind the first `''`.
      if (node.literal.kind === data.Kind.String && node.token.lexeme.startsWith("'")) {
        return ["literal", node.token.lexeme.slice(1, -1).replaceAll("''", "'")];
      }
      return ["literal", toPlain(node.literal)];
    case "ContextAccess":
      return ["name", node.name.lexeme];
    case "IndexAccess": {
      const target = branch(node.expr);
      if (node.index.constructor.name === "Star") return ["star", target];
      const property = node.index.token && !node.index.token.lexeme.startsWith("'") &&
        node.index.literal.kind === data.Kind.String;
      if (property) return ["property", target, node.index.token.lexeme];
      return ["index", target, branch(node.index)];
    }
    case "FunctionCall":
      return ["call", node.functionName.lexeme, ...node.args.map(branch)];
    case "Grouping":
      return ["group", branch(node.group)];
    case "Unary":
      return ["not", branch(node.expr)];
    case "Logical":
      return [node.operator.lexeme, ...node.args.map(branch)];
    case "Binary":
      return [node.operator.lexeme, branch(node.left), branch(node.right)];
    default:
      throw new Error(`no such node: ${node.constructor.name}`);
  }
}

// {text}, {tree} of one expression, {format, trees} of text with expressions in it, or {kind}.
function content(token) {
  if (token === undefined) return null;
  if (token.isLiteral) return { text: token.toString() };
  if (token.templateTokenType !== TokenType.BasicExpression) {
    return { kind: TokenType[token.templateTokenType] };
  }
  if (!token.originalExpressions) return { tree: toTree(token.expression) };
  const [, format] = /^format\('((?:[^']|'')*)'/.exec(token.expression);
  return {
    format: format.replaceAll("''", "'"),
    trees: token.originalExpressions.map((one) => toTree(one.expression)),
  };
}

function reading(chosen) {
  return new TemplateContext(new TemplateValidationErrors(), chosen, new NoOperationTraceWriter());
}

function said(context) {
  return context.errors.getErrors().map((error) => error.message);
}

function template({ template: text }) {
  const context = reading(schema);
  const token = readTemplate(context, "text", new TextReader(text), undefined);
  const [refused] = said(context);
  return refused === undefined ? content(token) : { refused };
}

function condition({ condition: text, place }) {
  const context = reading(place ? getWorkflowSchema() : schema);
  const token = readTemplate(context, place || "text", new TextReader(text), undefined);
  const made = said(context).length ? undefined : convertToIfCondition(context, token);
  const [refused] = said(context);
  if (refused !== undefined) return { refused };
  return { expression: made.expression, tree: toTree(made.expression) };
}

// [text, line, column] of a scalar, {items} or {entries}.
function yaml(reader) {
  const literal = reader.allowLiteral();
  if (literal) {
    const { line, column } = literal.range?.start ?? {};
    return [literal.toString(), line ?? null, column ?? null];
  }
  if (reader.allowSequenceStart()) {
    const items = [];
    while (!reader.allowSequenceEnd()) items.push(yaml(reader));
    return { items };
  }
  if (!reader.allowMappingStart()) throw new Error("a node that is none");
  const entries = [];
  while (!reader.allowMappingEnd()) entries.push([yaml(reader), yaml(reader)]);
  return { entries };
}

function entries(token) {
  if (token?.templateTokenType !== TokenType.Mapping) return undefined;
  return [...token].map(({ key, value }) => [key.toString(), content(value)]);
}

// Those that run in parallel are told in the place of their group.
function steps(token, converted) {
  return [...(token ?? [])].flatMap((step, number) => {
    const { if: made, id, parallel } = converted[number];
    if (parallel) return steps(step.find("parallel"), parallel);
    return {
      id: step.find("id") ? id : null,
      condition: toTree(made?.expression ?? "success()"),
      uses: content(step.find("uses")),
      given: entries(step.find("with")) ?? [],
      hides: content(step.find("continue-on-error")),
    };
  });
}

async function read({ document, action }) {
  const reader = new YamlObjectReader(undefined, document);
  if (reader.errors.length) return { refused: reader.errors[0].message };
  let root;
  try {
    reader.validateStart();
    root = yaml(reader);
  } catch (error) {
    return { refused: error.message };
  }
  const file = { name: "workflow.yml", content: document };
  if (action) {
    const { context } = parseAction(file, new NoOperationTraceWriter());
    return { root, errors: said(context), jobs: null };
  }
  const context = reading(getWorkflowSchema());
  const featureFlags = new FeatureFlags({ allowBackgroundSteps: true });
  context.state.featureFlags = featureFlags;
  const { value } = parseWorkflow(file, context);
  const made = value
    ? await convertWorkflowTemplate(context, value, undefined, { featureFlags })
    : {};
  const errors = said(context);
  if (errors.length) return { root, errors, jobs: null };
  const tokens = [...value.find("jobs")];
  const jobs = made.jobs.map((job, number) => {
    const token = tokens[number].value;
    return {
      id: job.id.value,
      needs: (job.needs ?? []).map((need) => need.value),
      condition: toTree(job.if.expression),
      outputs: entries(token.find("outputs")) ?? [],
      uses: content(token.find("uses")),
      steps: steps(token.find("steps"), job.steps ?? []),
      hides: content(token.find("continue-on-error")),
    };
  });
  return { root, errors, jobs };
}

async function answer(question) {
  if ("workflow" in question) return await check(question);
  if ("template" in question) return template(question);
  if ("condition" in question) return condition(question);
  if ("document" in question) return await read(question);
  return evaluate(question);
}

for await (const line of createInterface({ input: process.stdin })) {
  const answers = [];
  for (const question of JSON.parse(line)) {
    answers.push(await answer(question));
  }
  console.log(JSON.stringify(answers));
}
