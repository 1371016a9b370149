/** What each answer has to be, in the words of OpenAI's own published client, which is generated from the API's description. */
import type { ChatCompletion, ChatCompletionChunk } from "openai/resources/chat/completions";
import type { Completion, CreateEmbeddingResponse, ErrorObject, Model } from "openai/resources";
import type { UsageCompletionsResponse, UsageCostsResponse } from "openai/resources/admin/organization/usage";
import type { Response, ResponseStreamEvent } from "openai/resources/responses/responses";

export interface Described {
  chat: ChatCompletion;
  chunk: ChatCompletionChunk;
  completion: Completion;
  embeddings: CreateEmbeddingResponse;
  model: Model;
  models: { object: "list"; data: Model[] };
  error: { error: ErrorObject };
  usage: UsageCompletionsResponse;
  costs: UsageCostsResponse;
  response: Response;
  event: ResponseStreamEvent;
}
