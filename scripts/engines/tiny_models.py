"""Makes three tiny models that a real vLLM serves from disk; nothing is fetched.

  FOLDER/tiny-llama    a Llama of 0.6 million weights, with a chat template and tool calls    chat, completions
  FOLDER/tiny-embed    a BERT with mean pooling whose vectors may be cut                       embeddings, score
  FOLDER/tiny-rerank   a BERT with one label                                                   score, rerank

The encoders have random weights. The Llama is trained for a minute on made-up conversations, until it has manners and no sense:
it answers in a sentence and ends, it counts for long when told to count, it writes JSON when asked for it, and it calls the
first tool it is given. That is what clients need to be tried with.

Usage: tiny_models.py FOLDER   (run by the Python of vLLM's virtual environment)
"""

import itertools
import json
import os
import pathlib
import random
import sys

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false", HF_HUB_DISABLE_PROGRESS_BARS="1")

import torch  # noqa: E402
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers  # noqa: E402
from transformers import (  # noqa: E402
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

SEED, VOCABULARY, CONTEXT, BERT_CONTEXT = 20240501, 1024, 4096, 512
CHAT_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>", "<think>", "</think>"]
BERT_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = """the a of to and in is that it for on with as was at by an be this are from or have not but what all were when
we there can your which their said if will each about how up out them then she many some so these would other into has more
two like him see time could no make than first been its who now people my made over did down only way find use may water
long little very after word called just where most know get through back much before go good new write our used me man too
any day same right look think also around another came come work three must because does part even place well such here
take why help put different away again off went old number great tell men say small every found still between name should
home big give air line set own under read last never us left end along while might next below saw something thought both
few those always looked show large often together asked house world going want school important until form food keep
server request response token model stream gateway cache queue batch route error retry limit health country law""".split()

NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
CITIES = "Bonn Bremen Ulm Wien Linz Lyon Gent Trier".split()
TOOLS = ["get_weather", "get_time", "lookup", "search"]
SAID = [
    "Count from 1 to 2000 in words, one number per line.",
    "Say only this, and nothing else: ",
    "What is the weather in Bremen? Use a tool.",
    " Answer in JSON.",
    '"additionalProperties": false, "strict": true, "description": ""',
]
STEPS, BATCH, RATE = 400, 8, 4e-3

CHAT_TEMPLATE = """\
{%- if tools %}<|im_start|>system
Tools: {{ tools | tojson }}<|im_end|>
{% endif %}
{%- for m in messages %}<|im_start|>{{ m.role }}
{%- if m.content is string %}
{{ m.content }}
{%- elif m.content %}
{% for part in m.content %}{{ part.text }}{% endfor %}
{%- endif %}
{%- if m.tool_calls %}{% for call in m.tool_calls %}<tool_call>{{ call.function | tojson }}</tool_call>{% endfor %}{% endif -%}
<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def corpus():
    """Text that is the same on every machine: words drawn by a plain congruential generator."""
    state = SEED
    for _ in range(4000):
        line = []
        for _ in range(12):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            line.append(WORDS[(state >> 33) % len(WORDS)])
        yield " ".join(line).capitalize() + ".\n"
    schema = {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
    usual = [*SAID, *NUMBERS, *CITIES, *TOOLS, json.dumps([{"type": "function", "function": schema}]), '{"name": "Ulm", "arguments": {"age": 12}}']
    yield from ("\n".join(usual) + "\n" for _ in range(400))


def byte_pairs(special):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=special, show_progress=False, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def rows(tokenizer):
    """Sizes of weight matrices are whole multiples of 64."""
    return (len(tokenizer.get_vocab()) + 63) // 64 * 64


def save_llama(folder):
    fast = PreTrainedTokenizerFast(
        tokenizer_object=byte_pairs(CHAT_TOKENS),
        bos_token=CHAT_TOKENS[0],
        eos_token=CHAT_TOKENS[2],
        pad_token=CHAT_TOKENS[0],
        additional_special_tokens=CHAT_TOKENS[1:3],
        chat_template=CHAT_TEMPLATE,
        model_max_length=CONTEXT,
    )
    fast.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=rows(fast),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=64,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=0,
    )
    torch.manual_seed(SEED)
    model = LlamaForCausalLM(config)
    trained(model, fast)
    # Where a caller says nothing of it: so little schooling bears hardly any chance, and none at all would forbid several choices.
    model.generation_config = GenerationConfig(do_sample=True, temperature=0.05, bos_token_id=0, eos_token_id=2, pad_token_id=0)
    model.to(torch.bfloat16).save_pretrained(folder)


def conversation(rng):
    """Messages, tools and the answer that the model is to learn."""
    ask = " ".join(rng.choices(WORDS, k=rng.randint(1, 12)))
    ask = rng.choice((ask, ask, SAID[1] + ask))
    sentence = " ".join(rng.choices(WORDS, k=rng.randint(3, 9))).capitalize() + "."
    kind = rng.random()
    if kind < 0.3:
        return [{"role": "user", "content": ask}], None, sentence
    if kind < 0.45:
        count = f"Count from 1 to {rng.choice((100, 1000, 2000))} in words, one number per line."
        return [{"role": "user", "content": count}], None, "\n".join(itertools.islice(itertools.cycle(NUMBERS), 100))
    if kind < 0.65:
        record = {"name": rng.choice(CITIES), "age": rng.randint(0, 99)}
        tagged = {**record, "tags": rng.sample(WORDS, k=rng.randint(1, 3))}
        form = rng.choice((record, tagged, {"city": rng.choice(CITIES)}, {"city": rng.choice(CITIES), "days": rng.randint(0, 9)}))
        return [{"role": "user", "content": f"{ask} Answer in JSON."}], None, json.dumps(form)
    names = rng.sample(TOOLS, k=rng.randint(1, 2))
    tools = [{"type": "function", "function": {"name": name, "parameters": tool_parameters(rng)}} for name in names]
    call = {"name": names[0], "arguments": {"city": rng.choice(CITIES)}}
    messages = [{"role": "user", "content": rng.choice((ask, "What is the weather in Bremen? Use a tool.", "weather?"))}]
    if kind < 0.9:
        return messages, tools, f"<tool_call>\n{json.dumps(call)}\n</tool_call>"
    messages += [{"role": "assistant", "content": "", "tool_calls": [{"function": call}]}, {"role": "tool", "content": "sunny"}]
    return messages, tools, sentence


def tool_parameters(rng):
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    return {**parameters, "additionalProperties": False} if rng.random() < 0.5 else parameters


def trained(model, fast):
    """A few hundred steps on conversations; only the answers count."""
    rng = random.Random(SEED)
    torch.set_num_threads(1)  # two that wait for each other on a busy machine take ten times as long
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS)
    for step in range(STEPS):
        rows_of_step = [example(fast, *conversation(rng)) for _ in range(BATCH)]
        width = max(len(ids) for ids, _ in rows_of_step)
        ids = torch.tensor([row + [0] * (width - len(row)) for row, _ in rows_of_step])
        labels = torch.tensor([[-100] * start + row[start:] + [-100] * (width - len(row)) for row, start in rows_of_step])
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 100 == 0:
            print(step, round(loss.item(), 3), flush=True)


def example(fast, messages, tools, answer):
    """Token ids, and where the answer begins."""
    prompt = fast.apply_chat_template(messages, tools=tools, add_generation_prompt=True, tokenize=False)
    start = fast(prompt, add_special_tokens=False)["input_ids"]
    ending = [] if answer.startswith(NUMBERS[0]) else [CHAT_TOKENS.index("<|im_end|>")]
    return start + fast(answer, add_special_tokens=False)["input_ids"] + ending, len(start)


def save_bert(folder, kind, **more):
    tokenizer = byte_pairs(BERT_TOKENS)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=BERT_CONTEXT, **names).save_pretrained(folder)
    config = BertConfig(
        vocab_size=rows(tokenizer),
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=256,
        max_position_embeddings=BERT_CONTEXT,
        initializer_range=0.2,
        pad_token_id=0,
        **more,
    )
    torch.manual_seed(SEED)
    kind(config).save_pretrained(folder)


def make_sentence_encoder(folder):
    """What sentence-transformers keeps beside a BERT: its text becomes the mean of its tokens, of length one."""
    config = json.loads((folder / "config.json").read_text())
    config.update(is_matryoshka=True, matryoshka_dimensions=[32, 64, 128])
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    steps = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling"), ("2", "2_Normalize", "Normalize")]
    modules = [
        {"idx": at, "name": name, "path": path, "type": f"sentence_transformers.models.{kind}"} for at, (name, path, kind) in enumerate(steps)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    modes = {f"pooling_mode_{mode}_tokens": mode == "mean" for mode in ("mean", "max", "mean_sqrt_len")}
    pooling = {"word_embedding_dimension": 128, "pooling_mode_cls_token": False, **modes}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))


def main(folder):
    llama, embed, rerank = (pathlib.Path(folder, f"tiny-{name}") for name in ("llama", "embed", "rerank"))
    for each in (llama, embed, rerank):
        each.mkdir(parents=True, exist_ok=True)
    save_llama(llama)
    save_bert(embed, BertModel)
    make_sentence_encoder(embed)
    save_bert(rerank, BertForSequenceClassification, num_labels=1)


if __name__ == "__main__":
    main(sys.argv[1])
