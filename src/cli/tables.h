/* SPDX-License-Identifier: Apache-2.0 */
/* Options that are the tool's own, as tables over struct rh_cli_values. */
#ifndef CLI_TABLES_H
#define CLI_TABLES_H

#include <rehome/connector.h>

/* What every command takes. */
extern const struct rh_option rh_common_options[];

extern const struct rh_option rh_plan_options[];
extern const struct rh_option rh_apply_options[];
extern const struct rh_option rh_status_options[];
extern const struct rh_option rh_verify_options[];
extern const struct rh_option rh_undo_options[];
extern const struct rh_option rh_ids_options[];
extern const struct rh_option rh_report_options[];
extern const struct rh_option rh_accounts_options[];
extern const struct rh_option rh_rejects_options[];
extern const struct rh_option rh_export_options[];
extern const struct rh_option rh_logs_options[];
extern const struct rh_option rh_mapping_options[];
extern const struct rh_option rh_password_options[];
extern const struct rh_option rh_sample_options_table[];
extern const struct rh_option rh_rehearse_options[];
extern const struct rh_option rh_help_options[];

enum rh_ids_format { /* indexes of the choices of --format */
		     RH_IDS_CSV,
		     RH_IDS_JSON,
		     RH_IDS_SQL,
};

enum rh_report_format {
	RH_REPORT_TEXT,
	RH_REPORT_JSON,
};

enum rh_accounts_format {
	RH_ACCOUNTS_TEXT,
	RH_ACCOUNTS_CSV,
	RH_ACCOUNTS_NDJSON,
};

/* States of an account, "all" first; NULL-ended. */
extern const char *const rh_kind_choices[]; /* the first is people */
extern const char *const rh_state_choices[];
/* "json", "ndjson", "csv". */
/* Format i is bit i of enum rh_sample_form. */
extern const char *const rh_sample_formats[];

#endif
