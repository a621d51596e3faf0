/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For authors of connectors: what a provider is, said as data and pure functions.
 *
 * A connector is one constant struct rh_connector.  It does no I/O, keeps no clock, never sleeps, never
 * retries, never touches the ledger, never logs and keeps no state of its own between calls but in the
 * instance (options, checked once) and in the operation (one unit of work).  So it can be tested by feeding
 * it bytes, run at any concurrency by one loop, replayed from a recording, and throttled without knowing.
 *
 *        engine                                connector
 *          |  operation (kind, verb, rows[1..n])   |
 *          |-------------- step(NULL) ------------>|
 *          |<------------- SEND request -----------|   a request is data: HTTP or SQL
 *          |   paces, sends, waits, classifies     |
 *          |-------------- step(response) -------->|
 *          |<- SEND | WAIT | OBSERVED | DONE | FAIL|
 *
 * Rules, cited by number in code and tests:
 *
 *  C1. `step` with a NULL response starts the operation, or goes on after a WAIT or OBSERVED; `operation->stage` (0 at
 *      the start) tells which, and is the connector's to change.
 *  C2. An operation makes at most one writing request (request.is_writing), and only after its reads.  Bulk
 *      is the case with WAIT: the writing request submits the job, the rest polls and fetches.  An update may make
 *      several, one after the other, where the provider has no one request for all of it: each sets what is to stand
 *      there, so that it may be sent again, and what OBSERVED said is durable before the first of them.  What a
 *      create cannot hold (RH_PART_EXTRAS) is such an update behind it, with a row of its own in the ledger; what is
 *      refused of it does not keep the rest from being sent, and is REJECTED at the end.
 *  C3. The engine answers for transport: an answer that never came, 401, 429 and 5xx do not reach `step`
 *      unless `classify` lets them pass.  A request that certainly was not processed is sent again as it is.
 *  C4. DONE fills one outcome into every row.  FAIL means that the whole operation has one fate: outcome,
 *      scope, code; the engine copies it into every row.
 *  C5. Each outcome says what is certain.  A connector never answers UNKNOWN for an answer that it could
 *      read, and never REJECTED for one that it could not.
 *  C6. `code` is the provider's own code, letters, digits, '_', '-', '.' only; `cause` one constant text a
 *      cause.  Neither ever holds data of a person.
 *  C7. REJECTED names the parts at fault (`parts_at_fault`) where the provider says so; the engine may then
 *      drop these parts and intend the row again: a refused hash never costs the person.
 *  C8. Mapping is pure and apart from calling: `from_record` (source), `to_wire` and `observe` (target).
 *      What `to_wire` says will be there and what `observe` reads back are compared field by field.
 *  C9. A secret (key, token, digest, TOTP) is only ever put into a request, never into a finding, code,
 *      cause or wire field.
 * C10. All memory comes from the arena that is handed in; nothing is freed, nothing outlives it.
 * C11. Unknown members and unknown enumeration values of a provider's answer are ignored, never an error.
 * C12. `auth` is a kind like any other: [AUTH][CREATE] acquires a token, [AUTH][UPDATE] refreshes it.  The
 *      engine runs it before the first request that asks for auth and once after a 401; a second 401 is
 *      DENIED.  A provider whose key is the token needs no such operation.
 * C13. An update reads the account before it writes, and says what it read: it answers OBSERVED, once, before its
 *      writing request, with row->observed (what stands there), row->concerned (the wire fields that it is
 *      about) and row->expected (their values after the write, absent where the field goes).  The engine makes
 *      that durable, and then calls `step` with a NULL response, which writes, or ends the operation, after
 *      which nothing is written: what stands there as expected needs no write, and what somebody else has
 *      changed is not overwritten.  The writing requests change nothing but the concerned fields that differ,
 *      and the credential where `parts` ask for it.
 * C14. What a target's settings do with fields, parts and social providers is read by [SETTING][GET] and answered
 *      in operation->settings, by the connector's own table of settings.  What cannot be read is UNKNOWN, and never
 *      taken for OFF: nobody is refused and nothing is told lost for what nobody knows.
 * C15. A removal reads the account first; where row->keeps_users is set, who has signed in after row->keeps_after, or
 *      been active after row->made_at, stays: CONFLICT with the code RH_CODE_IN_USE.
 * C16. What a tenant has beside its people (entity.h) goes the same way, kind by kind: the maps are connector->entities,
 *      pure as C8 says; an operation carries row->entity and row->links instead of an account.
 * C17. What an entity refers to is row->links, in the target's names.  A connector never looks one up, and is never asked to
 *      create an entity whose organization or user has no id there.
 * C18. What no create of an entity holds (wire->extras: a role's permissions, an inactive state) goes behind it in an
 *      update with row->completes: any number of writing requests, each sets what is to stand there and may be sent
 *      again; there is no OBSERVED.  What is refused of it is REJECTED with its parts at fault, and keeps nothing else
 *      from being sent.  Any other update of an entity is one of C13.
 * C19. Slugs of roles and permissions are the source's in row->entity, the target's in row->links; what stands between
 *      them is the common form.
 * C20. FIND looks for an entity by its external id; where the provider holds none for its kind, by what is unique there:
 *      links->slug; links->organization and links->user; the domain; the organization and the address.  Never by name.
 *      ALREADY of a create says that this very thing is there.  Another's slug, domain or id is a CONFLICT.
 * C21. A removal reads first: what is not row->external_id, or not of row->links where the kind has no external id, is
 *      a CONFLICT and stays; so does an organization that has members, with the code RH_CODE_IN_USE.
 * C22. Nothing sends mail, or makes anybody a member, that was not asked to: policy->notifies allows mail, and a member
 *      comes by a membership alone.  Where an inactive membership can only be created as an active one, its extras (C18)
 *      end that, and are asked for at once.  A domain is PENDING unless policy->verifies_domains is set and the source
 *      says VERIFIED.
 * C23. A refusal of a whole kind (403, a feature that is off) is a FAIL, DENIED, with RH_SCOPE_KIND: that kind stops, the
 *      others go on.
 */
#ifndef REHOME_CONNECTOR_H
#define REHOME_CONNECTOR_H

#include <rehome/account.h>
#include <rehome/findings.h>
#include <rehome/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RH_CONNECTOR_ABI 1

struct rh_arena;
struct rh_buf;
struct rh_entity;       /* entity.h */
struct rh_entity_rules; /* entity.h */
struct rh_json;
struct rh_json_node;
struct rh_links; /* entity.h */

enum rh_kind {
	RH_KIND_PERMISSION, /* in the order in which a target is filled */
	RH_KIND_ROLE,
	RH_KIND_ORGANIZATION,
	RH_KIND_DOMAIN,
	RH_KIND_USER,
	RH_KIND_IDENTIFIER,
	RH_KIND_FACTOR,
	RH_KIND_IDENTITY,
	RH_KIND_MEMBERSHIP,
	RH_KIND_GRANT,
	RH_KIND_INVITATION,
	RH_KIND_SETTING,
	RH_KIND_AUTH,
	RH_KINDS,
};

enum rh_verb {
	RH_VERB_PROBE, /* may we?  whose tenant is this?  reads only */
	RH_VERB_COUNT, /* operation->total */
	RH_VERB_LIST,  /* one page: records and next_cursor */
	RH_VERB_GET,   /* by row->target_id */
	/* by row->external_id, else email, phone, username: what makes UNKNOWN resolvable */
	RH_VERB_FIND,
	RH_VERB_CREATE,
	RH_VERB_UPDATE,
	/* row->target_id; reads back first and refuses what is not row->external_id */
	RH_VERB_REMOVE,
	RH_VERB_BULK, /* many creates in one job */
	RH_VERB_PROVE, /* a known password, row->password: of row->target_id, by row->email where there is one */
	RH_VERBS,
};

/* The fate of a row. */
enum rh_outcome {
	RH_OUTCOME_NONE,      /* not decided yet */
	RH_OUTCOME_DONE,      /* accepted; target_id is known (find, get: it is there) */
	RH_OUTCOME_ALREADY,   /* the same external id is there */
	RH_OUTCOME_ABSENT,    /* find, get, remove: it is not there */
	RH_OUTCOME_CONFLICT,  /* another account holds this e-mail or id */
	RH_OUTCOME_REJECTED,  /* can never pass as it is */
	RH_OUTCOME_THROTTLED, /* certainly not accepted: too fast */
	RH_OUTCOME_AWAY,      /* certainly not accepted: not reachable, or "later" */
	RH_OUTCOME_UNKNOWN,   /* may have been accepted */
	RH_OUTCOME_DENIED,    /* key or permission */
};
RH_API const char *rh_outcome_name(enum rh_outcome outcome);
RH_API const char *rh_kind_name(enum rh_kind kind);
RH_API const char *rh_verb_name(enum rh_verb verb);

/* How far an outcome reaches. */
enum rh_scope {
	RH_SCOPE_ROW,
	RH_SCOPE_KIND,   /* e.g. 403 on organizations: that kind stops, users go on */
	RH_SCOPE_BUCKET, /* a quota is used up */
	RH_SCOPE_RUN,    /* 401, or 403 on users: the run stops */
};

/* Parts of a write that can be left out singly. */
enum rh_part {
	RH_PART_IDENTITY = 1 << 0, /* identifier, and names that are no PROFILE: never left out */
	RH_PART_CREDENTIAL = 1 << 1,
	RH_PART_METADATA = 1 << 2,
	RH_PART_EXTERNAL_ID = 1 << 3,
	RH_PART_EMAILS = 1 << 4, /* all but the primary */
	RH_PART_PHONES = 1 << 5,
	RH_PART_USERNAME = 1 << 6,
	RH_PART_TOTP = 1 << 7,
	RH_PART_BACKUP_CODES = 1 << 8,
	RH_PART_PROFILE =
		1 << 9, /* names, dates, language, limits: what an account can do without */
	/* what no create holds: the update that follows it does, a request for each */
	RH_PART_EXTRAS = 1 << 10,
	/* of entities; METADATA, EXTERNAL_ID and PROFILE (description, limits) are theirs, too */
	RH_PART_ROLES = 1 << 11, /* all but the first */
	RH_PART_PERMISSIONS = 1 << 12,
	RH_PART_SLUG = 1 << 13,  /* of an organization */
	RH_PART_STATE = 1 << 14, /* verified; never what keeps a membership inactive */
};

/* ---- records ------------------------------------------------------------------------------------- */

/* Column names of a delimited file, in order. */
struct rh_columns {
	const struct rh_str *names;
	size_t count;
};

/* One raw item of an export or of a page; borrowed, valid until the next one is read. */
struct rh_record {
	const struct rh_json_node *json;  /* NULL: the record is cells */
	const struct rh_columns *columns; /* cells only */
	/* columns->count of them; absent = empty or a NULL text */
	const struct rh_str *cells;
	/* an object of the members that stand before the array of records in the object around it; NULL: none do, or they
	 * are no JSON, or larger than 64 KiB.  Records that are joined have none. */
	const struct rh_json_node *around;
	/* of a record out of a partial file that fills an account's gaps: the fuller one; else NULL */
	const struct rh_record *joined_to;
	bool is_mended;  /* the row is broken, and its cells are what mend_row made of it */
	int shape;       /* what `recognise` said of its file or page */
	uint64_t number; /* 1-based within its file */
	uint64_t line;   /* line on which it starts; 0: a page */
	unsigned file;   /* index among the inputs */
};

/* A row that has another number of cells than its header, or a quote where none may be; as it stands. */
struct rh_torn_row {
	int shape;
	const struct rh_columns *columns;
	char separator;
	struct rh_str row; /* without its line end */
};

/* What can be known of a file from its first record. */
struct rh_sniff {
	/* "users" or "data" when the array stands in such a member; else NULL */
	const char *wrapper;
	const struct rh_json_node *json; /* first record; NULL: cells */
	const struct rh_columns *columns;
};

/* One kind of file that a connector can read. */
struct rh_shape {
	int id;            /* > 0 */
	const char *name;  /* stable, e.g. "dashboard-csv" */
	const char *title; /* for people */
	/* its names are anybody's: a file that another connector recognises is the other's */
	bool is_guess;
	bool is_partial; /* holds what another shape lacks (e.g. only the hashes): joined by source id
			    * when a fuller shape is given too */
	/* how many records the provider's search gives at most: a file with exactly so many may be cut; 0: no end */
	uint64_t ends_at;
	bool is_many; /* partial: several records may belong to one account, and all of them are joined */
};

/* ---- policies that mapping depends on ------------------------------------------------------------ */

enum rh_primary_policy {
	RH_PRIMARY_FIRST_VERIFIED,
	RH_PRIMARY_FIRST,
	RH_PRIMARY_API,  /* the source's API must say: a record that does not is refused */
	RH_PRIMARY_SKIP, /* a record that does not say is left out, listed */
};

enum rh_unverified_policy {
	RH_UNVERIFIED_ATTACH,
	RH_UNVERIFIED_RESERVE,
	RH_UNVERIFIED_DROP,
	RH_UNVERIFIED_REJECT,
};

struct rh_mapping_policy {
	enum rh_primary_policy primary;
	enum rh_unverified_policy unverified;
	/* "keep" (the source's external id, else the source id), "source-id", or a name of a public
	 * metadata field.  With "keep" and an own external id the source id goes into metadata as
	 * rehome_source_id. */
	struct rh_str external_id;
	/* when `a block ends then` is judged: the moment of the plan; 0: every end is ahead */
	rh_time now;
	/* to_wire: findings and identifiers are wanted; the text of metadata may be left out of the fields */
	bool is_glance;
	bool notifies;         /* entities: mail may go out (C22) */
	bool verifies_domains; /* the same: a domain that the source has verified goes as VERIFIED */
};

/* ---- wire fields: what is compared between plan and target --------------------------------------- */

#define RH_WIRE_FIELDS_MAX 32

/* Values in the target's form, indexed like connector->wire_fields; bit i of `present`: value[i] counts. */
struct rh_wire {
	uint32_t present;
	struct rh_str value[RH_WIRE_FIELDS_MAX];
	/* to_wire with RH_PART_EXTRAS: writing requests that bring them */
	unsigned extras;
};

/* What a record of the target says about itself. */
struct rh_observed {
	struct rh_str target_id;
	struct rh_str external_id;
	struct rh_str email; /* in compared form */
	/* what else it holds so that nobody else can, values in compared form; `email` may be among them */
	const struct rh_identifier *others;
	size_t other_count;
	rh_time created_at; /* target's clock; 0: not said */
	rh_time last_sign_in_at;
	rh_time last_active_at; /* may be exact to the day only */
	struct rh_wire wire;
	const struct rh_entity *entity; /* of an entity: what it is there; NULL: an account */
};

/* ---- what a target's settings say ------------------------------------------------------------------ */

/* What a target does with a thing.  Numbers are stored by name (rh_stance_name). */
enum rh_stance {
	RH_STANCE_UNKNOWN, /* it could not be read, or the settings do not say */
	RH_STANCE_ALLOWED,
	RH_STANCE_WANTED,   /* required of people; an import may do without */
	RH_STANCE_REQUIRED, /* an account without it is refused */
	RH_STANCE_IDLE,     /* off: it is taken, and of no effect before it is switched on */
	RH_STANCE_DROPPED,  /* off: the account goes without it */
	RH_STANCE_OFF,      /* off: an account that has it is refused */
	RH_STANCES,
};
RH_API const char *rh_stance_name(enum rh_stance stance);

#define RH_SETTINGS_THERE_MAX 24
#define RH_SOCIAL_THERE_MAX 64
#define RH_SOCIAL_NAME_MAX 32

/* One thing that a target can switch on or off; index in the connector's table: its stance in the answer. */
struct rh_target_setting {
	const char *name; /* the target's own word, the note of findings; NULL ends the table */
	uint32_t
		fields; /* bits of wire fields that it is about: an account has it with any of them */
	unsigned parts;     /* the same of parts that are no field */
	bool is_identifier; /* who has no other one cannot go without it */
	const char *fix;    /* where it is switched on, a phrase for people */
	/* what goes once more without where a create is refused for it (enum rh_part) */
	unsigned costs;
};

/* Answer of [SETTING][GET]; plain data, so that a plan can keep it. */
struct rh_settings_there {
	bool is_read; /* false: nobody knows anything */
	enum rh_stance stances[RH_SETTINGS_THERE_MAX];
	/* social providers by their common name; one that is not listed is unknown */
	struct {
		char provider[RH_SOCIAL_NAME_MAX + 1];
		enum rh_stance stance;
	} social[RH_SOCIAL_THERE_MAX];
	size_t social_count;
};

/* ---- operations ----------------------------------------------------------------------------------- */

/* Code of an account that is not removed since its person has signed in (C15); stored. */
#define RH_CODE_IN_USE "in_use"

struct rh_row {
	/* asked: by the engine, borrowed */
	const struct rh_account *account; /* create, update, bulk */
	/* of an entity, instead of an account: create, update, find; remove: its links and external id alone */
	const struct rh_entity *entity;
	const struct rh_links *links; /* the same; list: the organization within which (entity.h) */
	bool completes;               /* update of an entity: rule C18 */
	/* update, instead of an account: values that are to stand there, and nothing else (an undo) */
	const struct rh_wire *wire;
	/* update: bits of wire fields that go where there is no value for them; of the others what stands there
	 * stays, and members of an object are put beside those that are there */
	uint32_t clears;
	/* update: the account was not made by us: an address that nobody has proved there does not become proved */
	bool is_foreign;
	/* create, update, bulk: as it was planned with; NULL: the defaults */
	const struct rh_mapping_policy *policy;
	struct rh_str source_id;
	/* the value used at the target; remove: what must still stand there */
	struct rh_str external_id;
	bool keeps_users;        /* remove: rule C15 */
	rh_time keeps_after;     /* a sign-in until then does not count; 0: each does */
	rh_time made_at;         /* remove: the account's; being active until then does not count */
	struct rh_str target_id; /* get, update, remove; set by create */
	struct rh_str email;     /* find, prove */
	struct rh_str phone;     /* find; compared form, and so is username */
	struct rh_str username;  /* find */
	struct rh_str password;  /* prove */
	/* enum rh_part bits to send; an update without IDENTITY leaves address and names as they are */
	unsigned parts;
	/* answered: by the connector, in the operation's arena */
	enum rh_outcome outcome;
	unsigned parts_at_fault; /* REJECTED, CONFLICT */
	struct rh_str code;      /* rule C6 */
	const char *cause;       /* rule C6 */
	bool has_observed;
	struct rh_observed
		observed;   /* update, get, find: what stands there now; a create may do without */
	uint32_t concerned; /* update, OBSERVED: bits of wire fields (C13) */
	struct rh_wire expected; /* update, OBSERVED: their values after the write */
};

enum rh_request_form {
	RH_REQUEST_HTTP,
	RH_REQUEST_SQL,
};

enum rh_auth {
	RH_AUTH_INSTANCE, /* the engine adds the key or token */
	RH_AUTH_NONE,
};

enum rh_sink {
	RH_SINK_BUFFER, /* the body comes with the response */
	/* the body is streamed to the snapshot; the response carries its reference */
	RH_SINK_SNAPSHOT,
};

enum rh_sql_type {
	RH_SQL_NULL,
	RH_SQL_INTEGER,
	RH_SQL_TEXT,
	RH_SQL_BLOB,
};

struct rh_sql_value {
	enum rh_sql_type type;
	int64_t integer;
	struct rh_str text; /* TEXT, BLOB */
};

struct rh_request {
	enum rh_request_form form;
	bool is_writing;  /* rule C2 */
	unsigned buckets; /* bit i: draws from endpoint bucket i */
	/* HTTP */
	const char *method;            /* "GET", "POST" … */
	struct rh_str origin;          /* absent: the endpoint's */
	struct rh_str path;            /* percent-encoded, with query */
	struct rh_str body;            /* absent: none; JSON unless content_type says otherwise */
	const char *content_type;      /* NULL: application/json */
	struct rh_str idempotency_key; /* absent: none */
	const char *header;            /* one more header, e.g. of the API's version; NULL: none */
	const char *header_value;
	enum rh_auth auth;
	enum rh_sink sink;
	/* SQL: text of a statement, the same pointer each time (it is prepared once) */
	const char *sql;
	const struct rh_sql_value *parameters;
	size_t parameter_count;
};

enum rh_delivery {
	RH_DELIVERY_ANSWERED,
	RH_DELIVERY_NOT_SENT, /* never left */
	RH_DELIVERY_CUT,      /* left; no whole answer came */
};

struct rh_response {
	enum rh_delivery delivery;
	int status; /* HTTP */
	char *body; /* writable, NUL behind len; NULL: none */
	size_t body_len;
	bool is_json;           /* by content type */
	rh_time date;           /* the target's clock; 0: not said */
	int64_t retry_after_us; /* -1: not said */
	struct rh_str request_id;
	/* SINK_SNAPSHOT: number of the download, from 1; 0: nothing was kept (status not 2xx) */
	uint64_t snapshot_ref;
	/* SQL: row_count * column_count values, row by row */
	const struct rh_sql_value *values;
	size_t column_count;
	size_t row_count;
	uint64_t changed_count;
};

struct rh_operation {
	enum rh_kind kind;
	enum rh_verb verb;
	struct rh_row *rows; /* 1..caps limit; list, count, probe: 0 */
	size_t row_count;
	struct rh_arena *arena;
	struct rh_json *json; /* for parsing answers; nodes live until the operation ends */
	unsigned stage;       /* rule C1 */
	void *state;          /* connector->operation_size zeroed bytes */
	/* list */
	struct rh_str cursor; /* absent: first page */
	unsigned page_size;   /* 0: the largest */
	/* answered */
	struct rh_str next_cursor; /* absent: that was the last page */
	struct rh_record *records; /* list; in the arena */
	size_t record_count;
	/* list: the records stand in this download (response.snapshot_ref); 0: in `records` */
	uint64_t snapshot_ref;
	uint64_t total; /* count; list, where the page says how many there are: 0: it does not */
	struct rh_str tenant; /* probe: whose key it is; absent: the target does not say */
	/* setting get: in the arena */
	struct rh_settings_there *settings;
	struct rh_str token;      /* auth; secret */
	rh_time token_expires_at; /* auth; wall time; 0: does not */
};

enum rh_answer_kind {
	RH_ANSWER_SEND,
	RH_ANSWER_WAIT,
	RH_ANSWER_DONE,
	RH_ANSWER_FAIL,
	RH_ANSWER_OBSERVED, /* rule C13 */
};

struct rh_answer {
	enum rh_answer_kind kind;
	struct rh_request request; /* SEND */
	int64_t wait_us;           /* WAIT: from now */
	enum rh_outcome outcome;   /* FAIL */
	enum rh_scope scope;       /* FAIL */
	struct rh_str code;        /* FAIL */
	const char *cause;         /* FAIL */
};

/* ---- the description ------------------------------------------------------------------------------- */

enum rh_option_type {
	RH_OPTION_TEXT,   /* const char * */
	RH_OPTION_URL,    /* const char *; https, or http to loopback */
	RH_OPTION_SECRET, /* const char *; wiped, never shown */
	RH_OPTION_NUMBER, /* uint64_t */
	RH_OPTION_BOOL,   /* bool */
	RH_OPTION_CHOICE, /* int: index into choices */
	RH_OPTION_LIST,   /* struct rh_text_list: may be given more than once */
};

enum rh_option_flags {
	RH_OPTION_TARGET_REQUIRED = 1, /* must be there when the provider is the target */
	RH_OPTION_SOURCE_REQUIRED = 2, /* must be there when it is read live */
	RH_OPTION_IDENTIFIES = 4,      /* names the tenant */
	/* changes what is written: its (keyed) digest goes into the plan */
	RH_OPTION_SHAPES = 8,
	/* LIST: "@FILE" stands for the lines of that file */
	RH_OPTION_LINES = 16,
	/* NUMBER: 0 is refused; in the field it stands for "not given" */
	RH_OPTION_FROM_ONE = 32,
	/* TEXT: what does not begin with '{' is a file that holds the text */
	RH_OPTION_CONTENT = 64,
};

/* One option; help, manual, environment names and validation come from this one row. */
struct rh_option {
	const char *name; /* without provider and dashes: "secret-key" */
	enum rh_option_type type;
	unsigned flags;
	size_t offset;              /* of the value in the instance */
	const char *fallback;       /* default as text; NULL: none */
	const char *placeholder;    /* "KEY" */
	const char *help;           /* one sentence, no full stop */
	const char *const *choices; /* CHOICE: NULL-ended */
};

#define RH_BUCKETS_MAX 8

struct rh_bucket {
	const char *name; /* "user-management writes" */
	uint64_t limit;   /* requests per window; 0: not limited */
	int64_t window_us;
	bool for_reads;       /* reading requests draw from it */
	bool for_writes;      /* writing requests draw from it */
	const char *evidence; /* title and date of the document with the number */
};

/* Where and as whom an instance talks; texts live as long as the instance. */
struct rh_endpoint {
	const char *origin;      /* "https://api.acme.example" */
	const char *environment; /* "production", "staging", "rehearsal" …, from the key */
	const char *tenant;      /* NULL: the API names none */
	struct rh_str key;       /* secret; absent: the auth kind gets one */
	struct rh_bucket buckets[RH_BUCKETS_MAX];
	size_t bucket_count;
	unsigned concurrency;  /* requests in flight that make sense; 0: the engine's choice */
	uint64_t accounts_max; /* accounts that it holds at most, as far as is known; 0: no end */
	const char *
		accounts_todo; /* what to do where that is too few, a sentence; NULL: nothing is known */
};

enum rh_cap {
	RH_CAP_SOURCE_FILES = 1 << 0,
	RH_CAP_SOURCE_LIVE = 1 << 1,
	RH_CAP_TARGET = 1 << 2,
	RH_CAP_EMAIL_REQUIRED = 1 << 3,
	RH_CAP_EMAIL_UNIQUE = 1 << 4,
	RH_CAP_CAN_BLOCK = 1 << 5, /* a blocked account can be carried as blocked */
	RH_CAP_CAN_RESERVE = 1 << 6,
	RH_CAP_IDEMPOTENCY_KEY = 1 << 7, /* honoured for certain: an UNKNOWN may be resent */
	RH_CAP_FIND_BY_EXTERNAL_ID = 1 << 8,
	RH_CAP_FIND_BY_EMAIL = 1 << 9,
	RH_CAP_EXPORTS_HASHES = 1 << 10,
	RH_CAP_CREATE_SENDS_MAIL = 1 << 11,
	/* the target that the tool's -t means where no --to is given; one connector at most */
	RH_CAP_TRANSFORMER_TARGET = 1 << 12,
	/* nobody can see whether a person has set a password there: that they signed in stands for it */
	RH_CAP_HIDES_PASSWORD_DATES = 1 << 13,
	/* its files are folders of the neutral archive; `export` writes them, with its options */
	RH_CAP_ARCHIVE = 1 << 14,
	RH_CAP_FIND_BY_PHONE = 1 << 15,
	RH_CAP_FIND_BY_USERNAME = 1 << 16,
};

struct rh_caps {
	unsigned flags;                        /* enum rh_cap */
	unsigned rows_max[RH_KINDS][RH_VERBS]; /* rows of one operation; 0 means 1 */
	unsigned page_max;                     /* records a page */
	/* bits of enum rh_part that an update adds one by one where a create was refused for them */
	unsigned parts_singly;
	uint32_t fields_added_to; /* wire fields that an update only adds to, a request for each */
	unsigned external_id_max; /* bytes; 0: none held */
	unsigned emails_max;      /* addresses an account can hold */
	unsigned phones_max;
	bool holds_username;
	bool holds_totp;
	/* bit per enum rh_scheme that can be imported (ranges: to_wire) */
	uint64_t schemes;
	unsigned metadata_kinds;     /* bit per enum rh_metadata_kind that has a safe place */
	int64_t read_after_write_us; /* how long a find may miss what was just created */
	const char *evidence;        /* title and date of the provider's document */
};

typedef int rh_step_fn(const void *instance, struct rh_operation *operation,
		       const struct rh_response *response, rh_time now, uint64_t seed,
		       struct rh_answer *answer);

/* Forms of a made-up export, as bits. */
enum rh_sample_form {
	RH_SAMPLE_JSON = 1,
	RH_SAMPLE_NDJSON = 2,
	RH_SAMPLE_CSV = 4,
	/* As the provider's tools wrote it before, where that is another one; what is said of CSV holds for it. */
	RH_SAMPLE_CSV_OLD = 8,
};

enum {
	RH_SAMPLE_FINDINGS_MAX = 4,
};

/* What a plan says of a trouble, more than it says of the same file without it. */
struct rh_sample_effect {
	unsigned forms;      /* in which it is so: bits of enum rh_sample_form; 0 ends the list */
	const char *options; /* that the plan needs besides; NULL: none */
	bool stops_plan; /* no plan comes of the file: it cannot be read to its end, or is no export */
	enum rh_finding_code findings[RH_SAMPLE_FINDINGS_MAX]; /* a code for each; 0 ends them */
};

/* Something that may be wrong with one record of a made-up export, or with its end. */
struct rh_sample_trouble {
	const char *name; /* NULL ends the list */
	const char *help; /* a phrase */
	const struct rh_sample_effect *effects;
};

/*
 * Options for made-up exports; see the sample command.  Person n is the same in every file of a seed,
 * whatever the count and the form.  "all" are the troubles that leave a file of which a plan comes.
 */
struct rh_sample_options {
	uint64_t count;
	uint64_t seed;
	const char *format;   /* "json", "ndjson", "csv", "csv-old" */
	const char *trouble;  /* NULL or "all" or names joined by commas */
	const char *password; /* the password of every made-up person */
	unsigned cost;        /* bcrypt cost of the made-up hashes; 0: 4 */
};
/* A password in a form of hash that encrypts a key. */
struct rh_sample_lock {
	uint8_t salt[16];
	uint8_t digest[64]; /* as long as the key */
};
/* Writes bytes somewhere; RH_OK or an error. */
struct rh_sample_out {
	int (*write)(void *context, struct rh_str bytes, struct rh_err *err);
	/* hash of the sample password for person number `n`, one of a few kinds, into the buffer; the
	 * label in the words of the provider is the connector's business */
	int (*bcrypt)(void *context, struct rh_str password, uint64_t n, unsigned cost,
		      char out[64], struct rh_err *err);
	/* the same for the scheme of `form`, which encrypts its key (at most 64 bytes) with what scrypt makes of
	 * the password; one form in each file */
	int (*lock)(void *context, struct rh_str password, uint64_t n,
		    const struct rh_credential *form, struct rh_sample_lock *out,
		    struct rh_err *err);
	void *context;
};

struct rh_connector {
	unsigned abi;      /* RH_CONNECTOR_ABI */
	const char *name;  /* stable id: command line, ledger */
	const char *title; /* for people */
	const char *doc;   /* a paragraph for `providers NAME` and the manual */
	struct rh_caps caps;
	const struct rh_option *options; /* ended by a NULL name */
	size_t instance_size;
	/* Checks the options in `instance` (zeroed, then filled by offsets) and completes it; no network.
	 * RH_OK or RH_EUSAGE. `as_target`: which side it plays. */
	int (*open)(void *instance, bool as_target, struct rh_err *err);
	void (*close)(void *instance); /* wipes; may be NULL */
	int (*describe)(const void *instance, struct rh_endpoint *out, struct rh_err *err);

	/* source: pure */
	const struct rh_shape *shapes;                  /* ended by id 0 */
	int (*recognise)(const struct rh_sniff *sniff); /* shape id, or 0: not ours */
	/* The same where options have a say in it; NULL: they have none. */
	int (*recognise_as)(const void *instance, const struct rh_sniff *sniff);
	/* Record to account; findings through the sink.  RH_OK also for a refused record (a finding of
	 * severity REFUSE was added and out->source_id is set if it could be read); RH_ENOMEM, RH_ELIMIT. */
	int (*from_record)(const void *instance, const struct rh_record *record,
			   const struct rh_mapping_policy *policy, struct rh_arena *arena,
			   struct rh_finding_sink *findings, struct rh_account *out,
			   struct rh_err *err);

	/*
	 * Ids that partial records of this account may have besides its source id, at most `max`: their number, or
	 * RH_ENOMEM.  May be NULL: there are none.
	 */
	int (*join_ids)(const struct rh_record *record, const struct rh_account *account,
			struct rh_arena *arena, struct rh_str *ids, size_t max);
	/* Does the partial record with one of these ids belong to this one?  May be NULL: it does. */
	bool (*join_fits)(const struct rh_record *full, const struct rh_record *partial);

	/*
	 * Cells of a torn row, columns->count of them, where it is certain how they were meant: 1, and from_record is
	 * called with them and says so by a finding; 0: nobody can tell, it is refused; < 0: RH_ENOMEM.  May be NULL.
	 */
	int (*mend_row)(const struct rh_torn_row *torn, struct rh_arena *arena,
			struct rh_str *cells);

	/* target: pure */
	const char *const *wire_fields; /* names, NULL-ended, order fixed for ever */
	/* Account to request body (create form) and expected wire fields, for the given parts; losses
	 * through the sink (may be NULL); `body` may be NULL when only the fields are wanted. */
	int (*to_wire)(const void *instance, const struct rh_account *account,
		       const struct rh_mapping_policy *policy, unsigned parts,
		       struct rh_arena *arena, struct rh_finding_sink *findings,
		       struct rh_buf *body, struct rh_wire *out, struct rh_err *err);
	/*
	 * A PRESENT credential as the create request carries it: a JSON object of those members alone, in `out` when
	 * the target takes it.  *finding: why it does not, or HASH_UNPROVEN where no document gives the exact form;
	 * 0: it does.  *sent (may be NULL) is then the credential as the target will read it, with what the options
	 * say of it.  May be NULL: it takes none.
	 */
	int (*write_credential)(const void *instance, const struct rh_credential *credential,
				struct rh_buf *out, struct rh_credential *sent,
				enum rh_finding_code *finding);
	/* Of a scheme whose form is uncertain: the option and value to try next, "name value"; NULL: none is left.
	 * May be NULL. */
	const char *(*other_form)(const void *instance, enum rh_scheme scheme);
	/* Parts that to_wire would send for this account. */
	unsigned (*parts)(const void *instance, const struct rh_account *account);
	/* A record of the target (from list, get, create) to what it says. RH_EINPUT: not a user object. */
	int (*observe)(const void *instance, const struct rh_record *record, struct rh_arena *arena,
		       struct rh_observed *out, struct rh_err *err);

	const struct rh_target_setting *settings; /* rule C14; NULL: none are read */
	const struct rh_entity_rules *entities;   /* rule C16; NULL: people alone */

	/* operations */
	size_t operation_size;
	rh_step_fn *ops[RH_KINDS][RH_VERBS]; /* NULL: cannot */
	/* Own reading of an answer before the default rules (C3).  RH_OUTCOME_NONE: the default rules decide;
	 * THROTTLED, AWAY, UNKNOWN, DENIED: that; any other lets it pass to step.  May be NULL. */
	enum rh_outcome (*classify)(const void *instance, const struct rh_operation *operation,
				    const struct rh_request *request,
				    const struct rh_response *response);
	const char *const *redact; /* member names whose values never reach a log; NULL-ended */

	/* made-up exports; may be NULL */
	int (*sample)(const struct rh_sample_options *options, const struct rh_sample_out *out,
		      struct rh_err *err);
	const struct rh_sample_trouble *sample_troubles; /* ended by a NULL name */
};

#ifdef __cplusplus
}
#endif

#endif
