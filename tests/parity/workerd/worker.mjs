import * as parity from "../../../target/parity/tepal_parity.js";
import module from "../../../target/parity/tepal_parity_bg.wasm";
import { decodeArguments } from "../arguments.mjs";

parity.initSync({ module });

export default {
  async fetch(request) {
    const { name, values } = await request.json();
    return new Response(parity[name](...decodeArguments(values)));
  },
};
