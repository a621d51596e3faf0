/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acme, a provider that does not exist: a connector that says everything that connector.h can say, and the
 * provider itself, in memory.  With it the engine and the conformance suite are tried before real providers.
 *
 * The API: a token for a client's secret (POST /token), good for ten minutes; users under /v1/users, created
 * one by one or by a job (POST /v1/jobs); memberships ten a call; organizations as one download, which nobody
 * may create.  Errors are {"error":{"code","field"}}.
 */
#ifndef SUPPORT_ACME_H
#define SUPPORT_ACME_H

#include <rehome/connector.h>

#include "base/buf.h"
#include "config/options.h"

extern const struct rh_connector rh_connector_acme;
/* The same accounts in a table of an SQL database. */
extern const struct rh_connector rh_connector_acme_sql;

enum acme_bucket {
	ACME_BUCKET_READS,
	ACME_BUCKET_WRITES,
	ACME_BUCKET_JOBS,
	ACME_BUCKETS,
};

enum acme_shape {
	ACME_SHAPE_API = 1,
	ACME_SHAPE_HASHES, /* CSV with id and password_hash only */
};

enum acme_field {
	ACME_FIELD_EMAIL,
	ACME_FIELD_EMAIL_VERIFIED,
	ACME_FIELD_FIRST_NAME,
	ACME_FIELD_LAST_NAME,
	ACME_FIELD_EXTERNAL_ID,
	ACME_FIELD_METADATA,
	ACME_FIELDS,
};

#define ACME_FIND_MAX 100
#define ACME_JOB_MAX 50
#define ACME_MEMBERS_MAX 10
#define ACME_PAGE_MAX 100
#define ACME_POLL_US INT64_C(2000000)

struct acme {
	const char *client_id;
	const char *client_secret;
	const char *api_url;
	uint64_t page_size;
	bool sends_names;
	int region;
	struct rh_text_list tags;
	char environment[16]; /* made by open */
};

/* What an operation remembers between its steps. */
struct acme_operation {
	char job[32];
	unsigned polls;
};

/* ---- acme_map.c ------------------------------------------------------------------------------------- */

extern const char *const acme_wire_fields[];
int acme_recognise(const struct rh_sniff *sniff);
int acme_from_record(const void *instance, const struct rh_record *record,
		     const struct rh_mapping_policy *policy, struct rh_arena *arena,
		     struct rh_finding_sink *findings, struct rh_account *out, struct rh_err *err);
int acme_to_wire(const void *instance, const struct rh_account *account,
		 const struct rh_mapping_policy *policy, unsigned parts, struct rh_arena *arena,
		 struct rh_finding_sink *findings, struct rh_buf *body, struct rh_wire *out,
		 struct rh_err *err);
unsigned acme_parts(const void *instance, const struct rh_account *account);
int acme_observe(const void *instance, const struct rh_record *record, struct rh_arena *arena,
		 struct rh_observed *out, struct rh_err *err);
/* The create form of one row, in the arena. */
int acme_body(const struct acme *acme, const struct rh_row *row, struct rh_arena *arena,
	      struct rh_str *out);

/* ---- acme_update.c ---------------------------------------------------------------------------------- */

/* C13: what the update is about and what will stand there, from the row's observed and what is asked. */
int acme_expect(const struct acme *acme, struct rh_row *row, struct rh_arena *arena);
/* Fields that the write has to change. */
uint32_t acme_changes(const struct rh_row *row);
rh_step_fn acme_step_update;

/* ---- acme_sample.c ---------------------------------------------------------------------------------- */

extern const struct rh_sample_trouble acme_troubles[];
int acme_sample(const struct rh_sample_options *options, const struct rh_sample_out *out,
		struct rh_err *err);

/* ---- acme_steps.c, acme_jobs.c ------------------------------------------------------------------------- */

rh_step_fn acme_step_token;
rh_step_fn acme_step_probe;
rh_step_fn acme_step_count;
rh_step_fn acme_step_list;
rh_step_fn acme_step_get;
rh_step_fn acme_step_find;
rh_step_fn acme_step_create;
rh_step_fn acme_step_remove;
rh_step_fn acme_step_prove;
rh_step_fn acme_step_bulk;
rh_step_fn acme_step_add_members;
rh_step_fn acme_step_download;
rh_step_fn acme_step_create_organization;
enum rh_outcome acme_classify(const void *instance, const struct rh_operation *operation,
			      const struct rh_request *request, const struct rh_response *response);

/* What all steps share. */
void acme_send(struct rh_answer *answer, const char *method, struct rh_str path,
	       struct rh_str body);
void acme_fail(struct rh_answer *answer, enum rh_outcome outcome, enum rh_scope scope,
	       struct rh_str code, const char *cause);
/* The root of the answer's body; *out NULL: it cannot be read.  RH_OK or RH_ENOMEM. */
int acme_parse(struct rh_operation *operation, const struct rh_response *response,
	       const struct rh_json_node **out);
/* One error object to a row's fate. */
int acme_refuse_row(struct rh_row *row, struct rh_arena *arena, const struct rh_json_node *error,
		    int status);
/* An answer that is no success to the fate of all rows. */
int acme_refuse(struct rh_operation *operation, const struct rh_response *response,
		const struct rh_json_node *root, bool was_writing, struct rh_answer *answer);
/* An answer whose success is one user, to the first row's fate. */
int acme_answer_user(const struct acme *acme, struct rh_operation *operation,
		     const struct rh_response *response, bool was_writing,
		     struct rh_answer *answer);
/* A request about the first row's target id. */
int acme_send_user(struct rh_operation *operation, const char *method, struct rh_str body,
		   struct rh_answer *answer);
/* A user object to a row's fate: DONE, or RH_EINPUT if it is none. */
int acme_take_user(const struct acme *acme, struct rh_operation *operation, struct rh_row *row,
		   const struct rh_record *record);

/* ---- acme_server.c: the provider itself ------------------------------------------------------------------ */

#define ACME_USERS_MAX 2000

struct acme_user {
	char id[24];
	char *external_id; /* NULL: none */
	char *email;
	char *first_name;
	char *last_name;
	char *password_hash;
	char *metadata; /* JSON object */
	bool email_verified;
	rh_time created_at;
	rh_time signed_in_at; /* 0: never */
};

struct acme_job {
	char id[24];
	unsigned polls;       /* until it is done */
	struct rh_buf answer; /* the results, when done */
};

struct acme_server {
	struct acme_user users[ACME_USERS_MAX];
	size_t user_count; /* with the deleted ones, whose email is NULL */
	uint64_t last_id;
	struct acme_job jobs[8];
	size_t job_count;
	/* tokens: "acme-token-N" */
	uint64_t token_number; /* the last one; those before are refused */
	rh_time token_ends_at;
	int64_t token_life_us;
	/* what a test may ask for */
	bool refuses_hashes;
	bool repeats_cursor;
	bool has_quota;       /* 402 for writes */
	bool speaks_of_later; /* unknown members and values everywhere */
	bool refuses_token;
	/* seen */
	unsigned tokens_given;
	unsigned tokens_renewed;
	unsigned created; /* users, whatever became of the answer */
};

struct scripted_answer;

void acme_server_init(struct acme_server *server);
void acme_server_done(struct acme_server *server);
/* For scripted_transport.h; context: the server. */
void acme_server_play(void *context, const struct rh_request *request, struct rh_str key,
		      rh_time now, struct scripted_answer *answer);
/* A user who is there already; NULL texts: none. */
/* Somebody signs in, after the account was made. */
void acme_server_sign_in(struct acme_server *server, struct rh_str email);
void acme_server_add(struct acme_server *server, const char *external_id, const char *email);
size_t acme_server_count(const struct acme_server *server);
/* NULL: not there. */
const struct acme_user *acme_server_find(const struct acme_server *server, const char *external_id);

/* The table of the SQL variant. */
extern const char acme_sql_schema[];

#endif
