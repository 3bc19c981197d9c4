// Vega, and the interpreter that lets it run where a page allows no code made from text.
export { View, loader, parse } from "vega";
export { expressionInterpreter } from "vega-interpreter";
