/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a migration that no provider owns, as one struct and one table. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "config/options.h"

enum rh_existing_policy { /* indexes of the choices */
			  RH_EXISTING_SKIP,
			  RH_EXISTING_LINK,
			  RH_EXISTING_UPDATE,
			  RH_EXISTING_FAIL,
};

enum rh_changed_policy {
	RH_CHANGED_UPDATE,
	RH_CHANGED_SKIP,
};

enum rh_duplicate_policy {
	RH_DUPLICATE_FAIL,
	RH_DUPLICATE_FIRST,
	RH_DUPLICATE_NEWEST,
};

enum rh_blocked_policy {
	RH_BLOCKED_SKIP,
	RH_BLOCKED_WITHOUT_PASSWORD,
};

enum rh_domain_policy {
	RH_DOMAINS_PENDING,
	RH_DOMAINS_VERIFIED,
};

/* How many failures a run bears: a number, or a share of those tried in percent. */
struct rh_failures {
	bool is_share;
	uint64_t limit;
};

struct rh_settings {
	const char *from;
	const char *to;
	struct rh_text_list files;
	bool live;
	const char *workspace;
	const char *seal_key; /* path; NULL: in the user's state folder */
	/* policies */
	int on_existing;  /* enum rh_existing_policy */
	int on_changed;   /* enum rh_changed_policy */
	int on_duplicate; /* enum rh_duplicate_policy */
	int primary;      /* enum rh_primary_policy */
	int unverified;   /* enum rh_unverified_policy */
	int blocked;      /* enum rh_blocked_policy */
	const char *external_id;
	bool require_password;
	bool only_passwords;
	/* beside people */
	bool whole_tenant;           /* of a living source */
	struct rh_text_list without; /* names of kinds */
	const char *role_map;        /* path; NULL: none */
	const char *role_priority;   /* slugs joined by commas; NULL: as the source has them */
	int domains;                 /* enum rh_domain_policy */
	bool notify;
	/* which accounts */
	const char *resume_after;
	uint64_t limit; /* 0: all */
	bool mended;
	struct rh_text_list only;
	struct rh_text_list except;
	/* how */
	uint64_t rate;
	uint64_t source_rate;
	uint64_t concurrency;
	uint64_t max_wait_s;
	const char *max_failures; /* as rh_failures_parse takes it */
	bool offline;
	bool log_identifiers;
	const char *prove; /* path of known test accounts; NULL: none */
	const char *ca_file;
	const char *proxy;
};

/* Ended by a NULL name; in the order of the manual. */
extern const struct rh_option rh_settings_table[];

/* "N", or "P%" with P up to 100, which bears everything; false: neither. */
bool rh_failures_parse(const char *text, struct rh_failures *out);

/*
 * May a plan hand this option on to later commands?  Not what counts for one command alone, and not what leads
 * the way to the target: a workspace may come from a stranger.
 */
bool rh_setting_is_kept(const struct rh_option *option);

#endif
