/* SPDX-License-Identifier: MIT */
/* The version of the library, and what goes wrong with a folder that is none. */
#include <microgpt.h>
#include <stdio.h>

int main(void) {
  microgpt_context* m = microgpt_new();
  if (m == NULL) return 1;
  printf("microgpt %s\n", microgpt_version());
  microgpt_model* model = microgpt_open(m, "no-such-folder");
  printf("%s\n", model == NULL ? microgpt_error(m) : "opened");
  microgpt_model_free(model);
  microgpt_free(m);
  return 0;
}
