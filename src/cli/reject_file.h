/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of records that did not move, each in the form of the input that it came from.
 *
 *  J1. Inputs of one form (JSON array, lines, rows under the same header) share a file.  The first form has the path
 *      that was asked for, each other one has a number before the ending of its form; what is no record stands, as it
 *      is, in a file called "broken".
 *  J2. A record gets two members, or cells, more: rehome_code and rehome_reason, which no reader heeds.  Those of an
 *      earlier time are replaced.
 *  J3. A file has mode 0600, appears whole or not at all, and replaces none without consent, nor
 *      with it one that the migration lives on.
 *  J4. A record whose id stands for another one of the input already is written without it: as it was it would be
 *      taken for a newer word about that other person.  It is refused until it has an id of its own.
 */
#ifndef CLI_REJECT_FILE_H
#define CLI_REJECT_FILE_H

#include <rehome/rehome.h>

struct rh_reject_files;

struct rh_reject_file {
	const char *path;
	bool is_broken;
	uint64_t count; /* of records */
};

/* What stands beside a record. */
struct rh_reject_note {
	const char *code;
	const char *reason;
	const char *taken_id; /* J4; NULL: its id is its own */
};

/* J3: `migration` (NULL: none) says which files may not be replaced. */
RH_NODISCARD int rh_reject_files_new(struct rh_reject_files **out, const char *path,
				     bool may_replace, struct rh_migration *migration,
				     struct rh_err *err);
/* Removes what was not finished; accepts NULL. */
void rh_reject_files_free(struct rh_reject_files *files);
RH_NODISCARD int rh_reject_files_add(struct rh_reject_files *files,
				     const struct rh_record_text *record, bool is_broken,
				     const struct rh_reject_note *note, struct rh_err *err);
/* J3: gives the files their names.  RH_ESTATE: one is there. */
RH_NODISCARD int rh_reject_files_finish(struct rh_reject_files *files, struct rh_err *err);
/* false: no more. */
bool rh_reject_files_at(const struct rh_reject_files *files, size_t index,
			struct rh_reject_file *out);

#endif
