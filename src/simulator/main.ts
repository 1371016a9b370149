/** `node src/simulator/main.ts --engine vllm --port 0 --model NAME`: a launcher; the program lies in cli/, where real time is at home. */
import { runSimulator } from "../cli/simulator.ts";

await runSimulator(process.argv.slice(2));
