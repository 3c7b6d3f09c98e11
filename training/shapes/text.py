"""The text encoder and its word-level tokenizer."""

from typing import Any

from training.shapes.captions import words

WIDTH = 64
MAX_LENGTH = 128


def tokenizer() -> Any:
    """Build the tokenizer: whole words, lower case, everything unknown is `<unk>`."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {w: i for i, w in enumerate(("<pad>", "</s>", "<unk>", *words()))}
    made = Tokenizer(models.WordLevel(vocab=vocabulary, unk_token="<unk>"))
    made.normalizer = normalizers.Sequence(
        [normalizers.Lowercase(), normalizers.Replace(Regex("[^a-z0-9]+"), " "), normalizers.Strip()]
    )
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=MAX_LENGTH
    )


def encoder() -> Any:
    """Build an untrained `T5EncoderModel`, small enough that the captions' grammar is all it can learn."""
    from transformers import T5Config, T5EncoderModel

    return T5EncoderModel(
        T5Config(
            vocab_size=len(words()) + 3,
            d_model=WIDTH,
            d_kv=16,
            d_ff=128,
            num_layers=3,
            num_heads=4,
            feed_forward_proj="gated-gelu",
            dropout_rate=0.0,
            tie_word_embeddings=False,
            pad_token_id=0,
            eos_token_id=1,
        )
    )
