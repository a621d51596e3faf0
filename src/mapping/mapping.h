/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mapping document: how a record becomes an account, said as data.
 *
 *     {
 *       "mapping": 1,
 *       "name": "acme-users",
 *       "title": "the users table of Acme",
 *       "recognise": { "all": ["user_id", "mail"], "none": ["primary_email_address"] },
 *       "shared": { "state": { "from": "state", "map": { "off": true }, "otherwise": false } },
 *       "fields": {
 *         "source_id": "user_id",
 *         "emails": [ { "from": "mail", "verified": "mail_confirmed_at", "primary": true }, "other_mails" ],
 *         "full_name": { "from": ["display", "name"], "split": "last-blank" },
 *         "password": { "hash": "pwd", "label": { "value": "bcrypt" } },
 *         "banned": { "use": "state" },
 *         "identities": { "each": "logins", "provider": "service", "subject": "uid" },
 *         "public_metadata": { "from": "data", "members": { "plan": "billing.plan" } }
 *       },
 *       "leave_out": [ { "when": "is_guest", "reason": "anonymous" } ],
 *       "rest": "private_metadata"
 *     }
 *
 * Rules, cited by number in code and tests:
 *
 *  M1. A document is JSON of at most RH_MAPPING_DOCUMENT_MAX bytes.  A member that is not known, given twice, of the
 *      wrong type or missing is an error with line and column, and so are rules that `use` each other in a circle.
 *      Nothing of a wrong document is ever used.
 *  M2. Members: `mapping` (1, required), `name` (a-z 0-9 -, required), `title`, `recognise`, `names`, `separators`,
 *      `nulls`, `jq`, `shared`, `fields` (required), `leave_out`, `rest`.
 *  M3. A path names a member, or a column: "email"; with dots a member of a member: "profile.email", or, in a list,
 *      the entry of that number from 0: "emails.0".  A dot or backslash that belongs to a name has a backslash before
 *      it.  Where a value on the way is text (a cell, mostly), it is read as JSON.  A column that is called as the
 *      whole path is written comes first.  `names` "loose" compares names without case, blanks, '_' and '-'.
 *  M4. A rule says where a value comes from.  "path" is short for { "from": "path" }; true and false for
 *      { "value": … }; a list holds alternatives, of which the first that is there counts.  There is what is neither
 *      null nor empty nor one of `nulls`.  Members: `from` (a path, or several, the first that is there counts),
 *      `value` (a constant instead), `default` (where nothing is there), `map` (this text becomes that value; text
 *      that is not in it is a finding, or what `otherwise` says), `use` (all that this rule does not say itself is as
 *      in the `shared` rule of that name).  { "decide": [path, …] } is what `rehome mapping draft` writes where a person
 *      has to choose one: a document that still has it is an error.
 *  M5. Fields and their types are those of the table in fields.h (docs/fields.md):
 *      text    strings and numbers (every digit is kept).
 *      bool    true/false, t/f, yes/no, y/n, on/off, 1/0 in any case.  More members: `inverted`; `is` (true when the
 *              text is one of these); `there` (true: whether there is anything); `as` "until" (a moment ahead means
 *              true, and so does one that cannot be read, "infinity" for one); `until` (a rule: true only as long as
 *              that moment is ahead, or is not there).
 *      verified  bool, or a moment, which means true.
 *      time    ISO 8601 with or without zone (UTC), PostgreSQL's text, a date, seconds, milliseconds or microseconds
 *              since 1970 told apart by their size.
 *      name    text; `split` "none" (default), "last-blank" or "first-blank": first and last name, where the record
 *              has neither, are made of it; a single word is the first name.
 *      count   a number, true or false, or a list of which the entries are counted.
 *      metadata  an object, or its JSON text.  More members: `members` (name to rule, put beside and over it).
 *      emails, phones, password, identities: M6 to M8.
 *  M6. `emails` and `phones` are one rule or a list of them, all of which are read.  A value may be a list, or text
 *      with `separators` (default: the document's, "|,;" without) or of a JSON array.  More members: `verified` (a
 *      rule or constant; not said is not verified), `primary`, `reserved`, `id`, `when` and `unless` (bool).  `each`
 *      names a list of objects (or an object, whose names are then "@key"): all paths of that rule start there.
 *      Phones: `plus` "required" (default) or "added" (digits alone are international already), `country` (calling
 *      code that replaces a leading 0), `second_factor`.
 *  M7. `password`: `hash`, `label` (names the kind of hash: the words of `rehome password identify`, where the text
 *      alone does not say it), `salt`, `set` (bool: there is one, whether or not the file has it), `form` (a text
 *      with {path} in it, from which the hash is put together), `clear` (may hold passwords that can be read: what
 *      has the shape of a hash counts as one, anything else refuses the record unless the caller passes over it).
 *  M8. `identities`: as M6, with `provider`, `subject`, `email`, `verified`, `enterprise`, `when`, `unless`.  Without
 *      `each` the paths are the record's: { "provider": { "value": "google" }, "subject": "google_id" }.  An entry
 *      without provider or without both subject and email is none.
 *  M9. All rules of a flag that blocks (banned, locked, deprovisioned) are read and one that says so is enough; what
 *      cannot be read blocks.  Nobody becomes usable by a mapping that guessed.
 * M10. `leave_out`: records for which `when` says so are left out, with `reason` (a word).
 * M11. `rest`: the metadata bucket for members and columns that no path begins with; "nowhere" without it.  What a
 *      person may edit belongs into unsafe_metadata.
 * M12. Evaluation is pure: the same record and policy give the same account and findings.  It allocates what the
 *      account needs, and for text that is read as JSON.
 * M13. `jq`: a program (a text, or a list of its lines) that each record passes before all else but `recognise`.  It
 *      gets the record as an object, cells as texts or null, and numbers that a double cannot hold (more than 15
 *      digits, or an exponent) as texts.  Exactly one object is the record from then on; nothing (`empty`) leaves it
 *      out; several, another type or an error refuse it.  The program runs apart, as jq.h says (J1 to J6).
 */
#ifndef MAPPING_MAPPING_H
#define MAPPING_MAPPING_H

#include <rehome/connector.h>

struct rh_builder;
struct rh_mapping; /* compiled; holds what it knows of the records before, so for one caller at a time */

#define RH_MAPPING_DOCUMENT_MAX (256U * 1024)

/* Checks and compiles a document (copied), its program included.  RH_OK; RH_EINPUT with line, column and a hint; RH_EIO:
 * there can be no child for the program; RH_ENOMEM. */
RH_NODISCARD int rh_mapping_compile(struct rh_mapping **out, struct rh_str document,
				    struct rh_err *err);
void rh_mapping_free(struct rh_mapping *mapping); /* accepts NULL */
const char *rh_mapping_name(const struct rh_mapping *mapping);
const char *rh_mapping_title(const struct rh_mapping *mapping); /* the name where there is none */

/* Does `recognise` say that this is its file?  Without `recognise`: has it a member that source_id is read from? */
bool rh_mapping_recognises(const struct rh_mapping *mapping, const struct rh_sniff *sniff);

/* What a record says about a password; absent where it says nothing.  Texts are the record's. */
struct rh_mapping_password {
	struct rh_str hash; /* with `form`: put together */
	struct rh_str salt;
	struct rh_str label;     /* behind `map` */
	bool is_set;             /* `set` says so */
	struct rh_str hash_path; /* for findings */
	struct rh_str label_path;
};

/* What a connector does where a table does not suffice; each may be NULL. */
struct rh_mapping_hooks {
	/* Reads the password in place of rh_mapping_read_password, whose contract is this one's. */
	int (*password)(const void *instance, const struct rh_mapping_password *password,
			struct rh_arena *arena, struct rh_credential *out,
			struct rh_finding *finding);
	/* Adds what the document did not say, before the primary identifiers are chosen.  RH_OK, RH_ENOMEM, RH_ELIMIT. */
	int (*complete)(const void *instance, const struct rh_record *record,
			const struct rh_mapping_policy *policy, struct rh_finding_sink *findings,
			struct rh_builder *builder);
};

enum rh_mapping_split {
	RH_MAPPING_SPLIT_AS_SAID, /* by the document */
	RH_MAPPING_SPLIT_NONE,
	RH_MAPPING_SPLIT_LAST_BLANK,
	RH_MAPPING_SPLIT_FIRST_BLANK,
};

struct rh_mapping_call {
	const struct rh_mapping_policy *policy;
	struct rh_arena *arena;
	struct rh_finding_sink *findings;     /* NULL: nobody wants them */
	const struct rh_mapping_hooks *hooks; /* may be NULL */
	const void *instance;                 /* handed to the hooks */
	bool passes_clear_passwords;          /* M7: the person moves without it */
	enum rh_mapping_split split;          /* of whole names, in place of the document's */
};

/* As rh_connector.from_record; with a program also RH_EIO, and RH_EINPUT where it ends all records (J3). */
RH_NODISCARD int rh_mapping_account(const struct rh_mapping *mapping,
				    const struct rh_record *record,
				    const struct rh_mapping_call *call, struct rh_account *out,
				    struct rh_err *err);

/*
 * The usual reading: by label where there is one, else by shape; a salt beside it goes where the label says.  A
 * finding is filled in (else its code stays) when the password cannot be used.  RH_OK or RH_ENOMEM.
 */
RH_NODISCARD int rh_mapping_read_password(const struct rh_mapping_password *password,
					  struct rh_arena *arena, struct rh_credential *out,
					  struct rh_finding *finding);

#endif
