/* SPDX-License-Identifier: Apache-2.0 */
/* Replays every file of the corpus folders given, so that an input that crashed once is a test for ever. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* Reads at most FUZZ_INPUT_MAX bytes into a block of just that size, so that a sanitizer sees an overrun. */
static uint8_t *read_input(const char *path, size_t *out_size)
{
	static uint8_t room[FUZZ_INPUT_MAX];
	FILE *file = fopen(path, "rbe");
	if (file == NULL) {
		return NULL;
	}
	size_t size = fread(room, 1, sizeof(room), file);
	int failed = ferror(file);
	(void)fclose(file);
	if (failed) {
		return NULL;
	}
	uint8_t *input = malloc(size > 0 ? size : 1);
	if (input != NULL) {
		memcpy(input, room, size);
		*out_size = size;
	}
	return input;
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* One TAP line for each file; the number of files replayed, or -1. */
static int replay_folder(const char *folder, int count)
{
	struct dirent **entries = NULL;
	int found = scandir(folder, &entries, is_input, alphasort);
	if (found < 0) {
		printf("Bail out! cannot list %s: %s\n", folder, strerror(errno));
		return -1;
	}
	for (int i = 0; i < found; i++) {
		char path[4096];
		size_t size = 0;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		uint8_t *input = read_input(path, &size);
		bool is_read = input != NULL;
		/* Said before the run: after a crash the last comment names the input. */
		printf("# %s\n", path);
		(void)fflush(stdout);
		if (is_read) {
			(void)LLVMFuzzerTestOneInput(input, size);
		}
		free(input);
		printf("%s %d - %s\n", is_read ? "ok" : "not ok", count + i + 1,
		       entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return found;
}

int main(int argc, char **argv)
{
	int count = 0;
	for (int i = 1; i < argc; i++) {
		int found = replay_folder(argv[i], count);
		if (found < 0) {
			return 1;
		}
		count += found;
	}
	printf("1..%d\n", count);
	/* A corpus without a single file would be a test that cannot fail. */
	return count > 0 ? 0 : 1;
}
