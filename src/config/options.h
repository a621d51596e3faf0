/* SPDX-License-Identifier: Apache-2.0 */
/* Option tables: setting a field of a struct by its name and text, defaults, environment, .env. */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include <rehome/connector.h>

struct rh_arena;
struct rh_buf;
struct rh_env;

/* Values of a repeatable option, in the order given; in the arena. */
struct rh_text_list {
	const char **items;
	size_t count;
};

/* The row called `name`; NULL: none.  Tables end with a NULL name. */
const struct rh_option *rh_option_find(const struct rh_option *table, const char *name);
size_t rh_option_count(const struct rh_option *table);

/*
 * Puts `text` into the field; texts are copied into the arena.  SECRET takes "@FILE" (the file's content
 * without its last line end) and "-" (one line of standard input); LIST with RH_OPTION_LINES takes "@FILE"
 * for the file's lines that are not blank; none at all is an error.  `prefix` is the provider whose option it is; NULL: nobody's.
 * RH_EUSAGE names the option and what it
 * takes, never the value of a SECRET.
 */
RH_NODISCARD int rh_option_set(const struct rh_option *option, void *target, const char *prefix,
			       const char *text, struct rh_arena *arena, struct rh_err *err);
/* Appends the field's value as text (lists joined by ','; SECRET, and 0 that is not given: nothing). */
void rh_option_text(const struct rh_option *option, const void *target, struct rh_buf *out);
/* Is this, as rh_option_text writes it, what the field holds when nobody says anything? */
bool rh_option_is_default(const struct rh_option *option, struct rh_str text);
/* Fills every field that has a fallback. */
RH_NODISCARD int rh_option_defaults(const struct rh_option *table, void *target,
				    struct rh_arena *arena, struct rh_err *err);
/* "ACME_SECRET_KEY" from "acme" and "secret-key"; in the arena, NULL: memory out. */
const char *rh_option_env_name(struct rh_arena *arena, const char *prefix, const char *name);
/* True for https URLs and http URLs to loopback. */
bool rh_url_is_safe(const char *url);

/* The variable's value; NULL: not set, or empty.  The only reader of the process's environment. */
const char *rh_environment(const char *name);
/*
 * KEY=value lines of a .env file: blanks around, `export `, # comments at the start of a line or behind a
 * blank.  'Single' quotes keep everything, "double" ones know \n, \r, \t, \" and \\; both may span lines.
 * Lines that are no assignment belong to somebody else and are passed over.  The last of a name counts.
 * RH_EUSAGE with the line: a quote is not closed.
 */
RH_NODISCARD int rh_env_read(struct rh_env **out, const char *path,
			     struct rh_err *err);                   /* absent file: empty */
const char *rh_env_get(const struct rh_env *env, const char *name); /* NULL: not there */
void rh_env_free(struct rh_env *env);                               /* wipes; accepts NULL */

#endif
