/** What the real engines sent (vLLM 0.32.0, Triton 2.51.0), cut to the frames whose shape the tests compare. */

export const CHAT = String.raw`{"id":"chatcmpl-b68ff0d11332a368","object":"chat.completion","created":1795355203,"model":"tiny-llama","choices":[{"index":0,"message":{"role":"assistant","content":" storysro,i g see","refusal":null,"annotations":null,"audio":null,"function_call":null,"reasoning":null},"logprobs":null,"finish_reason":"length","stop_reason":null,"token_ids":null,"routed_experts":null}],"service_tier":null,"system_fingerprint":"vllm-0.32.0-7eb44d96","usage":{"prompt_tokens":17,"total_tokens":25,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":0,"created_cache_tokens":0,"multimodal_tokens":null},"completion_tokens_details":null},"prompt_logprobs":null,"prompt_token_ids":null,"prompt_text":null,"kv_transfer_params":null,"ec_transfer_params":null,"metrics":null}`;

export const CHAT_LOGPROBS = String.raw`{"id":"chatcmpl-b530b69ac5b2c4ef","object":"chat.completion","created":1795355204,"model":"tiny-llama","choices":[{"index":0,"message":{"role":"assistant","content":" storysro","refusal":null,"annotations":null,"audio":null,"function_call":null,"reasoning":null},"logprobs":{"content":[{"token":" story","logprob":-2.9384732246398926,"bytes":[32,115,116,111,114,121],"top_logprobs":[{"token":" story","logprob":-2.9384732246398926,"bytes":[32,115,116,111,114,121]},{"token":"It","logprob":-3.0634732246398926,"bytes":[73,116]}]},{"token":"s","logprob":-2.0642271041870117,"bytes":[115],"top_logprobs":[{"token":"s","logprob":-2.0642271041870117,"bytes":[115]},{"token":"oint","logprob":-2.8142271041870117,"bytes":[111,105,110,116]}]},{"token":"ro","logprob":-3.060650110244751,"bytes":[114,111],"top_logprobs":[{"token":"ro","logprob":-3.060650110244751,"bytes":[114,111]},{"token":"Find","logprob":-3.185650110244751,"bytes":[70,105,110,100]}]}]},"finish_reason":"length","stop_reason":null,"token_ids":null,"routed_experts":null}],"service_tier":null,"system_fingerprint":"vllm-0.32.0-7eb44d96","usage":{"prompt_tokens":17,"total_tokens":20,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":0,"created_cache_tokens":0,"multimodal_tokens":null},"completion_tokens_details":null},"prompt_logprobs":null,"prompt_token_ids":null,"prompt_text":null,"kv_transfer_params":null,"ec_transfer_params":null,"metrics":null}`;

export const CHAT_TOOLS_NAMED = String.raw`{"id":"chatcmpl-b3fb653ff0545068","object":"chat.completion","created":1795355205,"model":"tiny-llama","choices":[{"index":0,"message":{"role":"assistant","content":"","refusal":null,"annotations":null,"audio":null,"function_call":null,"tool_calls":[{"id":"chatcmpl-tool-9047565b23d8f256","type":"function","function":{"name":"get_weather","arguments":"true"}}],"reasoning":null},"logprobs":null,"finish_reason":"stop","stop_reason":null,"token_ids":null,"routed_experts":null}],"service_tier":null,"system_fingerprint":"vllm-0.32.0-7eb44d96","usage":{"prompt_tokens":218,"total_tokens":261,"completion_tokens":43,"prompt_tokens_details":{"cached_tokens":128,"created_cache_tokens":0,"multimodal_tokens":null},"completion_tokens_details":null},"prompt_logprobs":null,"prompt_token_ids":null,"prompt_text":null,"kv_transfer_params":null,"ec_transfer_params":null,"metrics":null}`;

export const CHAT_STREAM_USAGE = [
  String.raw`{"id":"chatcmpl-88e6556b302d9498","object":"chat.completion.chunk","created":1795354480,"model":"tiny-llama","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"prompt_token_ids":null,"prompt_text":null}`,
  String.raw`{"id":"chatcmpl-88e6556b302d9498","object":"chat.completion.chunk","created":1795354480,"model":"tiny-llama","choices":[{"index":0,"delta":{"content":" story"},"logprobs":null,"finish_reason":null,"token_ids":null}]}`,
  String.raw`{"id":"chatcmpl-88e6556b302d9498","object":"chat.completion.chunk","created":1795354480,"model":"tiny-llama","choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"length","stop_reason":null,"token_ids":null}]}`,
  String.raw`{"id":"chatcmpl-88e6556b302d9498","object":"chat.completion.chunk","created":1795354480,"model":"tiny-llama","choices":[],"usage":{"prompt_tokens":17,"total_tokens":25,"completion_tokens":8},"system_fingerprint":"vllm-0.32.0-e35ee6d5"}`,
];

export const CHAT_STREAM_FORCED = [
  String.raw`{"id":"chatcmpl-8998a0f2245ed439","object":"chat.completion.chunk","created":1795355204,"model":"tiny-llama","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":17,"total_tokens":17,"completion_tokens":0,"completion_tokens_details":null},"prompt_token_ids":null,"prompt_text":null}`,
  String.raw`{"id":"chatcmpl-8998a0f2245ed439","object":"chat.completion.chunk","created":1795355204,"model":"tiny-llama","choices":[{"index":0,"delta":{"content":" story"},"logprobs":null,"finish_reason":null,"token_ids":null}],"usage":{"prompt_tokens":17,"total_tokens":18,"completion_tokens":1,"completion_tokens_details":null}}`,
  String.raw`{"id":"chatcmpl-8998a0f2245ed439","object":"chat.completion.chunk","created":1795355204,"model":"tiny-llama","choices":[],"usage":{"prompt_tokens":17,"total_tokens":25,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":0,"created_cache_tokens":0}},"system_fingerprint":"vllm-0.32.0-7eb44d96"}`,
];

export const CHAT_STREAM = [
  String.raw`{"id":"chatcmpl-894591e7d9230c7b","object":"chat.completion.chunk","created":1795354480,"model":"tiny-llama","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"prompt_token_ids":null,"prompt_text":null}`,
  String.raw`{"id":"chatcmpl-894591e7d9230c7b","object":"chat.completion.chunk","created":1795354480,"model":"tiny-llama","choices":[{"index":0,"delta":{"content":" story"},"logprobs":null,"finish_reason":null,"token_ids":null}]}`,
  String.raw`{"id":"chatcmpl-894591e7d9230c7b","object":"chat.completion.chunk","created":1795354480,"model":"tiny-llama","choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"length","stop_reason":null,"token_ids":null}],"system_fingerprint":"vllm-0.32.0-e35ee6d5"}`,
];

export const CHAT_STREAM_LOGPROBS = [
  String.raw`{"id":"chatcmpl-b81f1495aaa93097","object":"chat.completion.chunk","created":1795354563,"model":"tiny-llama","choices":[{"index":0,"delta":{"content":" story"},"logprobs":{"content":[{"token":" story","logprob":-2.9384732246398926,"bytes":[32,115,116,111,114,121],"top_logprobs":[{"token":" story","logprob":-2.9384732246398926,"bytes":[32,115,116,111,114,121]},{"token":"It","logprob":-3.0634732246398926,"bytes":[73,116]}]}]},"finish_reason":null,"token_ids":null}]}`,
];

export const CHAT_STREAM_TOOLS = [
  String.raw`{"id":"chatcmpl-824eba746fb7b8e1","object":"chat.completion.chunk","created":1795355277,"model":"tiny-llama","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":223,"total_tokens":223,"completion_tokens":0,"completion_tokens_details":null},"prompt_token_ids":null,"prompt_text":null}`,
  String.raw`{"id":"chatcmpl-824eba746fb7b8e1","object":"chat.completion.chunk","created":1795355277,"model":"tiny-llama","choices":[{"index":0,"delta":{"content":null,"tool_calls":[{"id":"chatcmpl-tool-99335c00becd53d2","type":"function","index":0,"function":{"name":"get_weather"}}]},"logprobs":null,"finish_reason":null,"token_ids":null}],"usage":{"prompt_tokens":223,"total_tokens":245,"completion_tokens":22,"completion_tokens_details":null}}`,
  String.raw`{"id":"chatcmpl-824eba746fb7b8e1","object":"chat.completion.chunk","created":1795355277,"model":"tiny-llama","choices":[{"index":0,"delta":{"content":null,"tool_calls":[{"index":0,"function":{"arguments":"{"}}]},"logprobs":null,"finish_reason":null,"token_ids":null}],"usage":{"prompt_tokens":223,"total_tokens":258,"completion_tokens":35,"completion_tokens_details":null}}`,
  String.raw`{"id":"chatcmpl-824eba746fb7b8e1","object":"chat.completion.chunk","created":1795355277,"model":"tiny-llama","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop","stop_reason":null,"token_ids":null}],"usage":{"prompt_tokens":223,"total_tokens":308,"completion_tokens":85,"completion_tokens_details":null}}`,
  String.raw`{"id":"chatcmpl-824eba746fb7b8e1","object":"chat.completion.chunk","created":1795355277,"model":"tiny-llama","choices":[],"usage":{"prompt_tokens":223,"total_tokens":308,"completion_tokens":85,"prompt_tokens_details":{"cached_tokens":128,"created_cache_tokens":0}},"system_fingerprint":"vllm-0.32.0-7eb44d96"}`,
];

export const COMPLETION = String.raw`{"id":"cmpl-8c5ef06ecab37da6","object":"text_completion","created":1795355211,"model":"tiny-llama","choices":[{"index":0,"text":"Me following alWhereOwn� howHim","logprobs":null,"finish_reason":"length","stop_reason":null,"token_ids":null,"prompt_logprobs":null,"prompt_token_ids":null,"routed_experts":null}],"service_tier":null,"system_fingerprint":"vllm-0.32.0-7eb44d96","usage":{"prompt_tokens":4,"total_tokens":12,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":0,"created_cache_tokens":null,"multimodal_tokens":null},"completion_tokens_details":null},"kv_transfer_params":null,"ec_transfer_params":null,"metrics":null}`;

export const COMPLETION_STREAM_FORCED = [
  String.raw`{"id":"cmpl-835a8d8901d69f91","object":"text_completion","created":1795355212,"model":"tiny-llama","choices":[{"index":0,"text":"Me","logprobs":null,"finish_reason":null,"stop_reason":null,"prompt_token_ids":null,"token_ids":null}],"usage":{"prompt_tokens":4,"total_tokens":5,"completion_tokens":1}}`,
  String.raw`{"id":"cmpl-835a8d8901d69f91","object":"text_completion","created":1795355212,"model":"tiny-llama","choices":[],"usage":{"prompt_tokens":4,"total_tokens":12,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":0}},"system_fingerprint":"vllm-0.32.0-7eb44d96"}`,
];

export const COMPLETION_STREAM = [
  String.raw`{"id":"cmpl-bfb66ccdc692f4ee","object":"text_completion","created":1795354568,"model":"tiny-llama","choices":[{"index":0,"text":"Me","logprobs":null,"finish_reason":null,"stop_reason":null,"prompt_token_ids":null,"token_ids":null}]}`,
  String.raw`{"id":"cmpl-bfb66ccdc692f4ee","object":"text_completion","created":1795354568,"model":"tiny-llama","choices":[{"index":0,"text":"� howHim","logprobs":null,"finish_reason":"length","stop_reason":null,"prompt_token_ids":null,"token_ids":null}],"system_fingerprint":"vllm-0.32.0-e35ee6d5"}`,
];

export const MODELS = String.raw`{"object":"list","data":[{"id":"tiny-llama","object":"model","created":1795355203,"owned_by":"vllm","root":"models/tiny-llama","parent":null,"max_model_len":4096,"permission":[{"id":"modelperm-80fe375cba48da26","object":"model_permission","created":1795355203,"allow_create_engine":false,"allow_sampling":true,"allow_logprobs":true,"allow_search_indices":false,"allow_view":true,"allow_fine_tuning":false,"organization":"*","group":null,"is_blocking":false}]}]}`;

export const TOKENIZE = String.raw`{"count":4,"max_model_len":4096,"tokens":[78,397,85,725],"token_strs":null}`;

export const DETOKENIZE = String.raw`{"prompt":" cst n"}`;

export const EMBEDDINGS = String.raw`{"id":"embd-9f7d1544e1e700d2","object":"list","created":1795355183,"model":"tiny-embed","data":[{"index":0,"object":"embedding","embedding":[-0.10405804961919785,0.1997799575328827,-0.015436235815286636,-0.21380767226219177]}],"usage":{"prompt_tokens":2,"total_tokens":2,"completion_tokens":0,"prompt_tokens_details":null,"completion_tokens_details":null}}`;

export const ENGINE_DIED_FRAME = String.raw`data: {"error": {"message": "EngineCore encountered an issue. See stack trace (above) for the root cause.", "type": "InternalServerError", "param": null, "code": 500}}`;

export const BUSY_FRAME = String.raw`data: {"error": {"message": "The engine is currently busy and cannot accept new requests. Please try again later or on a different instance.", "type": "Service Unavailable", "param": null, "code": 503}}`;

export const TRITON_STREAM = [
  String.raw`{"finish_reason":"None","id":"st-1","model_name":"vllm_model","model_version":"1","num_input_tokens":1,"num_output_tokens":1,"text_output":" at"}`,
  String.raw`{"finish_reason":"None","id":"st-1","model_name":"vllm_model","model_version":"1","num_input_tokens":1,"num_output_tokens":1,"text_output":" a"}`,
  String.raw`{"finish_reason":"None","id":"st-1","model_name":"vllm_model","model_version":"1","num_input_tokens":1,"num_output_tokens":1,"text_output":" serves"}`,
  String.raw`{"finish_reason":"length","id":"st-1","model_name":"vllm_model","model_version":"1","num_input_tokens":1,"num_output_tokens":1,"text_output":" a"}`,
];

export const TRITON_GENERATE = String.raw`{"cumulative_logprob":-4.0,"finish_reason":"length","id":"gen-1","logprobs":"[{\"1\": {\"logprob\": -0.5, \"rank\": 1, \"decoded_token\": \" at a serves a prefixes cache low a\"}}]","model_name":"vllm_model","model_version":"1","num_input_tokens":1,"num_output_tokens":8,"text_output":" at a serves a prefixes cache low a"}`;

export const TRITON_METADATA = String.raw`{"name":"vllm_model","versions":["1"],"platform":"python","inputs":[{"name":"text_input","datatype":"BYTES","shape":[1]},{"name":"image","datatype":"BYTES","shape":[-1]},{"name":"stream","datatype":"BOOL","shape":[1]},{"name":"sampling_parameters","datatype":"BYTES","shape":[1]},{"name":"exclude_input_in_output","datatype":"BOOL","shape":[1]},{"name":"return_finish_reason","datatype":"BOOL","shape":[1]},{"name":"return_cumulative_logprob","datatype":"BOOL","shape":[1]},{"name":"return_logprobs","datatype":"BOOL","shape":[1]},{"name":"return_num_input_tokens","datatype":"BOOL","shape":[1]},{"name":"return_num_output_tokens","datatype":"BOOL","shape":[1]}],"outputs":[{"name":"text_output","datatype":"BYTES","shape":[-1]},{"name":"finish_reason","datatype":"BYTES","shape":[-1]},{"name":"cumulative_logprob","datatype":"FP32","shape":[-1]},{"name":"logprobs","datatype":"BYTES","shape":[-1]},{"name":"num_input_tokens","datatype":"UINT32","shape":[1]},{"name":"num_output_tokens","datatype":"UINT32","shape":[-1]}]}`;

export const TRITON_SERVER = String.raw`{"name":"triton","version":"2.51.0","extensions":["classification","sequence","model_repository","model_repository(unload_dependents)","schedule_policy","model_configuration","system_shared_memory","cuda_shared_memory","binary_tensor_data","parameters","statistics","trace","logging"]}`;

export const TRITON_STATS = String.raw`{"model_stats":[{"name":"embed_text","version":"1","last_inference":0,"inference_count":0,"execution_count":0,"inference_stats":{"success":{"count":0,"ns":0},"fail":{"count":0,"ns":0},"queue":{"count":0,"ns":0},"compute_input":{"count":0,"ns":0},"compute_infer":{"count":0,"ns":0},"compute_output":{"count":0,"ns":0},"cache_hit":{"count":0,"ns":0},"cache_miss":{"count":0,"ns":0}},"response_stats":{},"batch_stats":[],"memory_usage":[]}]}`;
