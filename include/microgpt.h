/* SPDX-License-Identifier: MIT */
/* microgpt for C and for whatever calls C: models that are opened or trained, and what they say of documents.
 *
 * All texts are UTF-8, unless the model is one of bytes, and need not end in a zero byte where their size is given. What can
 * fail returns null, or an int that is not 0; microgpt_error() then says why in one line, with the remedy. Nothing is printed,
 * and nothing exits or aborts. A null that no comment allows is an error, too, but for the context.
 *
 * Threads: a context, which keeps the last error, is used by one thread at a time, and so is a scorer or a classifier. Models
 * do not change; any number of threads may use one, each with a context of its own.
 *
 * The interface is stable: functions keep their names and arguments as long as the library keeps its SONAME. Options are texts
 * in JSON, so that new ones change nothing. docs/library.md has an example.
 */
#ifndef MICROGPT_H
#define MICROGPT_H

#include <stddef.h>

#if defined(__GNUC__)
#define MICROGPT_C_API __attribute__((visibility("default")))
#else
#define MICROGPT_C_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct microgpt_context microgpt_context;
typedef struct microgpt_model microgpt_model;
typedef struct microgpt_scorer microgpt_scorer;
typedef struct microgpt_classifier microgpt_classifier;

/* "0.3.0". */
MICROGPT_C_API const char* microgpt_version(void);

/* Where errors are kept. Null where there is no memory. */
MICROGPT_C_API microgpt_context* microgpt_new(void);
MICROGPT_C_API void microgpt_free(microgpt_context* m); /* null is allowed, here and in all functions that free */

/* The last error, or "" where there was none. Valid until the next call with this context. */
MICROGPT_C_API const char* microgpt_error(const microgpt_context* m);

/* The model in a folder; and one trained on `size` bytes of lines, each a document. `options`: null, or a JSON object of
 * settings of `microgpt train` by their names, as in {"num_steps": 1000, "n_layer": 2}; beside them "preset" (a text),
 * "seconds" (a number), "threads" (0: all cores), "kind" ("lines", "text" or "tail") and "encoding" ("utf-8" or "bytes"). */
MICROGPT_C_API microgpt_model* microgpt_open(microgpt_context* m, const char* folder);
MICROGPT_C_API microgpt_model* microgpt_train(microgpt_context* m, const char* lines, size_t size, const char* options);
MICROGPT_C_API int microgpt_save(microgpt_context* m, const microgpt_model* model, const char* folder);
MICROGPT_C_API void microgpt_model_free(microgpt_model* model);

/* What scores documents. The model may be freed before it. `options`: null, or "predictor" ("mixture", "gpt" or "ngram") and
 * "threads" (1; 0: all cores). */
MICROGPT_C_API microgpt_scorer* microgpt_scorer_new(microgpt_context* m, const microgpt_model* model, const char* options);
MICROGPT_C_API void microgpt_scorer_free(microgpt_scorer* scorer);

/* bits[i] becomes what documents[i], of sizes[i] bytes, costs: -log2 of its probability. `sizes` may be null: then each
 * document ends at a zero byte. */
MICROGPT_C_API int microgpt_score(microgpt_context* m, microgpt_scorer* scorer, const char* const* documents,
                                  const size_t* sizes, size_t count, double* bits);

/* The classifier in a folder of microgpt train-pair or train-classes; how many classes it has, and their names, from 0 on,
 * valid as long as it lives. `options`: null, or "threads". */
MICROGPT_C_API microgpt_classifier* microgpt_classifier_open(microgpt_context* m, const char* folder, const char* options);
MICROGPT_C_API size_t microgpt_classifier_classes(const microgpt_classifier* classifier);
MICROGPT_C_API const char* microgpt_classifier_label(const microgpt_classifier* classifier, size_t label);
MICROGPT_C_API void microgpt_classifier_free(microgpt_classifier* classifier);

/* probabilities[i * classes + c] becomes P(class c | documents[i]). The rest as in microgpt_score(). */
MICROGPT_C_API int microgpt_classify(microgpt_context* m, microgpt_classifier* classifier, const char* const* documents,
                                     const size_t* sizes, size_t count, double* probabilities);

/* New documents as a JSON array of objects with "text", and "bits" where "with_score" is asked for. `options`: null, or the
 * names of microgpt::SampleOptions (microgpt/sample.h), as in {"count": 20, "temperature": 0.8, "prompt": "ma"}. The text is to
 * be given to microgpt_text_free(). */
MICROGPT_C_API char* microgpt_sample(microgpt_context* m, const microgpt_model* model, const char* options);

/* The loss of a document laid open, as `microgpt explain --json` prints it (docs/explain.md). `options`: null, or
 * "alternatives", "attention" (true), "head" and "predictor". The text is to be given to microgpt_text_free(). */
MICROGPT_C_API char* microgpt_explain(microgpt_context* m, const microgpt_model* model, const char* document, size_t size,
                                      const char* options);
MICROGPT_C_API void microgpt_text_free(char* text);

#ifdef __cplusplus
}
#endif

#endif /* MICROGPT_H */
