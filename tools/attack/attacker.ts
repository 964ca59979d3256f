/**
 * The process that attacks, so that it delays nobody who measures. Arguments:
 * the attack's name, and its context in JSON. It prints what it sent.
 */
import type { AttackContext } from "./attack.ts";
import { ATTACKS } from "./attacks.ts";

const [name, json] = Deno.args;
const attack = ATTACKS.find((each) => each.name === name);
if (attack === undefined) throw new Error(`There is no attack ${name}`);
const context: AttackContext = JSON.parse(json);
// What a hostile peer of ours meets with is none of this process' failures.
addEventListener("unhandledrejection", (event) => event.preventDefault());
try {
  console.log(JSON.stringify(await attack.run(context)));
} catch (error) {
  console.error(error);
  Deno.exit(1);
}
// What is left open ends with it: nobody hangs up in a friendly way.
Deno.exit(0);
