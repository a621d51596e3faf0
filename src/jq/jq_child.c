/* SPDX-License-Identifier: Apache-2.0 */
/* The child: libjq, a record at a time. */
#include "jq/jq_internal.h"

#include <errno.h>
#include <unistd.h>

#include <jv.h>

#include <jq.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/str.h"

enum {
	COMPILE_MS = 10000, /* jq reads its own library each time */
	EXIT_MEMORY = 2,
};

static void out_of_memory(void *context)
{
	(void)context;
	_exit(EXIT_MEMORY);
}

/* ---- words ------------------------------------------------------------------------------------------------- */

static bool read_all(void *bytes, size_t len)
{
	char *at = bytes;

	while (len > 0) {
		ssize_t got = read(STDIN_FILENO, at, len);
		if (got == 0 || (got < 0 && errno != EINTR)) {
			return false;
		}
		at += got > 0 ? got : 0;
		len -= got > 0 ? (size_t)got : 0;
	}
	return true;
}

static void write_all(const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t put = write(STDIN_FILENO, at, len);
		if (put < 0 && errno != EINTR) {
			_exit(0); /* nobody listens any more */
		}
		at += put > 0 ? put : 0;
		len -= put > 0 ? (size_t)put : 0;
	}
}

static const struct rh_str nothing_more = {.ptr = "", .len = 0};

static void answer(enum rh_jq_fate fate, struct rh_str text)
{
	const struct jq_head head = {.fate = fate, .len = (uint32_t)text.len};

	write_all(&head, sizeof(head));
	write_all(text.ptr, text.len);
}

/* ---- the program ------------------------------------------------------------------------------------------- */

struct complaint {
	char text[JQ_MESSAGE_MAX];
	size_t len;
};

/* What jq says of the program, not of a record: the first line of the first message. */
static void keep_complaint(void *context, jv message)
{
	struct complaint *complaint = context;
	jv whole = jq_format_error(message);
	const char *text = jv_string_value(whole);
	size_t skip = rh_str_starts(rh_str_from(text), "jq: error: ") ? strlen("jq: error: ") : 0;
	size_t len = strcspn(text + skip, "\n");

	if (complaint->len == 0) {
		complaint->len = len < sizeof(complaint->text) ? len : sizeof(complaint->text);
		memcpy(complaint->text, text + skip, complaint->len);
	}
	jv_free(whole);
}

/* For `input` and `debug`, which a library of this version calls whether they are there or not. */
static jv no_input(jq_state *jq, void *context)
{
	(void)jq;
	(void)context;
	return jv_invalid();
}

static void ignore(void *context, jv message)
{
	(void)context;
	jv_free(message);
}

static jq_state *compile(const char *program)
{
	struct complaint complaint = {.len = 0};
	jq_state *jq = jq_init();

	if (jq == NULL) {
		_exit(EXIT_MEMORY);
	}
	jq_set_nomem_handler(jq, out_of_memory, NULL);
	jq_set_error_cb(jq, keep_complaint, &complaint);
	/* Where it would look for modules; without these `import` crashes it. */
	jq_set_attr(jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	jq_set_attr(jq, jv_string("JQ_ORIGIN"), jv_string("/"));
	jq_set_attr(jq, jv_string("PROGRAM_ORIGIN"), jv_string("/"));
	if (jq_compile(jq, program) == 0) {
		answer(RH_JQ_FAILED, (struct rh_str){.ptr = complaint.text, .len = complaint.len});
		_exit(0);
	}
	jq_set_error_cb(jq, ignore, NULL);
	jq_set_debug_cb(jq, ignore, NULL);
	jq_set_input_cb(jq, no_input, NULL);
	return jq;
}

/* ---- a record ---------------------------------------------------------------------------------------------- */

static bool is_word_of_jq(struct rh_str word)
{
	static const char *const words[] = {
		"Cannot",  "iterate", "over",   "index", "with",   "use",  "as",  "null",
		"boolean", "number",  "string", "array", "object", "keys", "has", "no",
		"cannot",  "be",      "No",     "more",  "inputs", NULL,
	};

	for (size_t i = 0; words[i] != NULL; i++) {
		if (rh_str_is(word, words[i])) {
			return true;
		}
	}
	return false;
}

/* J4: the words up to the first one that jq does not say itself. */
static struct rh_str harmless(struct rh_str message)
{
	size_t end = 0;
	size_t start = 0;

	for (size_t i = 0; i <= message.len; i++) {
		if (i < message.len && message.ptr[i] != ' ') {
			continue;
		}
		if (!is_word_of_jq((struct rh_str){.ptr = message.ptr + start, .len = i - start})) {
			break;
		}
		end = i;
		start = i + 1;
	}
	return (struct rh_str){.ptr = message.ptr, .len = end};
}

/* Takes `value`, which is the end of the values, or an error. */
static void answer_failure(jv value)
{
	jv message = jv_invalid_get_msg(value);
	struct rh_str words = nothing_more;

	if (jv_get_kind(message) == JV_KIND_STRING) {
		words = harmless((struct rh_str){
			.ptr = jv_string_value(message),
			.len = (size_t)jv_string_length_bytes(jv_copy(message)),
		});
	}
	answer(RH_JQ_FAILED, words);
	jv_free(message);
}

/* Takes `value`. */
static void answer_object(jv value)
{
	jv text = jv_dump_string(value, 0);
	struct rh_str bytes = {.ptr = jv_string_value(text),
			       .len = (size_t)jv_string_length_bytes(jv_copy(text))};

	if (bytes.len > RH_RECORD_MAX) {
		answer(RH_JQ_FAILED, nothing_more);
	} else {
		answer(RH_JQ_OBJECT, bytes);
	}
	jv_free(text);
}

static void run(jq_state *jq, struct rh_str record)
{
	jv first;
	jv second;

	jq_start(jq, jv_parse_sized(record.ptr, (int)record.len), 0);
	first = jq_next(jq);
	if (!jv_is_valid(first)) {
		if (jv_invalid_has_msg(jv_copy(first)) || jq_halted(jq)) {
			answer_failure(first);
		} else {
			jv_free(first);
			answer(RH_JQ_NOTHING, nothing_more);
		}
		return;
	}
	second = jq_next(jq);
	if (jv_is_valid(second)) {
		jv_free(first);
		jv_free(second);
		answer(RH_JQ_SEVERAL, nothing_more);
	} else if (jv_invalid_has_msg(jv_copy(second)) || jq_halted(jq)) {
		jv_free(first);
		answer_failure(second);
	} else if (jv_get_kind(first) != JV_KIND_OBJECT) {
		jv_free(first);
		jv_free(second);
		answer(RH_JQ_NO_OBJECT, nothing_more);
	} else {
		jv_free(second);
		answer_object(first);
	}
}

/* A text with its length before it; NULL: there are no more. */
static char *read_text(size_t *len)
{
	struct jq_head head;

	if (!read_all(&head, sizeof(head))) {
		return NULL;
	}
	char *text = rh_malloc((size_t)head.len + 1);
	if (text == NULL) {
		_exit(EXIT_MEMORY);
	}
	if (!read_all(text, head.len)) {
		rh_free(text);
		return NULL;
	}
	text[head.len] = '\0';
	*len = head.len;
	return text;
}

void rh_jq_be_child(int fd)
{
	size_t len;
	char *text;
	jq_state *jq;

	if (!rh_jq_confine(fd)) {
		_exit(1);
	}
	answer(RH_JQ_OBJECT, nothing_more);
	text = read_text(&len);
	if (text == NULL) {
		_exit(0);
	}
	rh_jq_allow(COMPILE_MS);
	jq = compile(text);
	rh_free(text);
	answer(RH_JQ_OBJECT, nothing_more);
	while ((text = read_text(&len)) != NULL) {
		rh_jq_allow(RH_JQ_CPU_MS);
		run(jq, (struct rh_str){.ptr = text, .len = len});
		rh_free(text);
	}
	_exit(0);
}
