/* SPDX-License-Identifier: Apache-2.0 */
/* The table of migration options: command line, environment, help and manual read this and nothing else. */
#include "config/settings.h"

#include <string.h>

#include "base/str.h"

#define OPTION(field, text, kind, ...)                                                       \
	{                                                                                    \
		.name = text, .type = (kind), .offset = offsetof(struct rh_settings, field), \
		__VA_ARGS__                                                                  \
	}

static const char *const existing_choices[] = {"skip", "link", "update", "fail", NULL};
static const char *const changed_choices[] = {"update", "skip", NULL};
static const char *const duplicate_choices[] = {"fail", "first", "newest", NULL};
static const char *const domain_choices[] = {"pending", "verified", NULL};
static const char *const primary_choices[] = {"first-verified", "first", "api", "skip", NULL};
static const char *const unverified_choices[] = {"attach", "reserve", "drop", "reject", NULL};
static const char *const blocked_choices[] = {"skip", "without-password", NULL};

const struct rh_option rh_settings_table[] = {
	OPTION(from, "from", RH_OPTION_TEXT, .placeholder = "PROVIDER",
	       .help = "provider that the accounts come from"),
	OPTION(to, "to", RH_OPTION_TEXT, .placeholder = "PROVIDER",
	       .help = "provider that the accounts go to"),
	OPTION(files, "file", RH_OPTION_LIST, .placeholder = "FILE",
	       .help = "export to read, - for standard input; may be given more than once, what it "
		       "is, is sniffed"),
	OPTION(live, "live", RH_OPTION_BOOL,
	       .help = "also read the source's API; the files fill what it does not tell"),
	OPTION(workspace, "workspace", RH_OPTION_TEXT, .placeholder = "DIR",
	       .help = "folder of this migration; else .rehome/FROM-TO-ENVIRONMENT-TENANT"),
	OPTION(seal_key, "seal-key", RH_OPTION_TEXT, .placeholder = "FILE",
	       .help = "file of the key that seals the snapshot and makes the digests that verify "
		       "compares; else in the user's state folder"),
	OPTION(on_existing, "on-existing", RH_OPTION_CHOICE, .flags = RH_OPTION_SHAPES,
	       .fallback = "skip", .choices = existing_choices,
	       .help = "what to do with an account that is at the target already"),
	OPTION(on_changed, "on-changed", RH_OPTION_CHOICE, .flags = RH_OPTION_SHAPES,
	       .fallback = "update", .choices = changed_choices,
	       .help = "what to do with an account that was created and has changed at the source "
		       "since"),
	OPTION(on_duplicate, "on-duplicate", RH_OPTION_CHOICE, .flags = RH_OPTION_SHAPES,
	       .fallback = "fail", .choices = duplicate_choices,
	       .help = "what to do with records that share an identifier"),
	OPTION(primary, "primary", RH_OPTION_CHOICE, .flags = RH_OPTION_SHAPES,
	       .fallback = "first-verified", .choices = primary_choices,
	       .help = "which address is primary where the record does not say"),
	OPTION(unverified, "unverified", RH_OPTION_CHOICE, .flags = RH_OPTION_SHAPES,
	       .fallback = "attach", .choices = unverified_choices,
	       .help = "what to do with addresses that are not verified"),
	OPTION(blocked, "blocked", RH_OPTION_CHOICE, .flags = RH_OPTION_SHAPES, .fallback = "skip",
	       .choices = blocked_choices,
	       .help = "what to do with banned, locked and deprovisioned accounts where the target "
		       "cannot block"),
	OPTION(external_id, "external-id", RH_OPTION_TEXT, .flags = RH_OPTION_SHAPES,
	       .fallback = "keep", .placeholder = "source-id|keep|FIELD",
	       .help = "the external id at the target: the source id, the source's own external id "
		       "if it has one, or "
		       "a field of public metadata"),
	OPTION(require_password, "require-password", RH_OPTION_BOOL, .flags = RH_OPTION_SHAPES,
	       .help = "leave out accounts without a usable password"),
	OPTION(only_passwords, "only-passwords", RH_OPTION_BOOL, .flags = RH_OPTION_SHAPES,
	       .help = "add hashes that come later: only to accounts that were created here "
		       "without one "
		       "and whose people have not signed in since; nothing else is written"),
	OPTION(whole_tenant, "whole-tenant", RH_OPTION_BOOL, .flags = RH_OPTION_SHAPES,
	       .help = "of a source that is read through its API: organizations, domains, roles, "
		       "permissions, memberships and invitations, too"),
	OPTION(without, "without", RH_OPTION_LIST, .flags = RH_OPTION_SHAPES, .placeholder = "KIND",
	       .help = "leave out permission, role, organization, domain, membership or "
		       "invitation, with what belongs to it"),
	OPTION(role_map, "role-map", RH_OPTION_TEXT, .flags = RH_OPTION_SHAPES,
	       .placeholder = "FILE",
	       .help = "slugs of roles and permissions at the source and at the target: a JSON "
		       "object, or lines of \"old,new\""),
	OPTION(role_priority, "role-priority", RH_OPTION_TEXT, .flags = RH_OPTION_SHAPES,
	       .placeholder = "SLUG,…",
	       .help = "which role goes first, where the target holds one for a membership"),
	OPTION(domains, "domains", RH_OPTION_CHOICE, .flags = RH_OPTION_SHAPES,
	       .fallback = "pending", .choices = domain_choices,
	       .help = "how domains of organizations arrive; verified ones change who signs in "
		       "how, so only those that the source has verified do"),
	OPTION(notify, "notify", RH_OPTION_BOOL, .flags = RH_OPTION_SHAPES,
	       .help = "mail may go out to people with pending invitations"),
	OPTION(resume_after, "resume-after", RH_OPTION_TEXT, .flags = RH_OPTION_SHAPES,
	       .placeholder = "ID", .help = "leave out everything up to and with this source id"),
	OPTION(limit, "limit", RH_OPTION_NUMBER, .flags = RH_OPTION_SHAPES | RH_OPTION_FROM_ONE,
	       .placeholder = "N", .help = "take the first N accounts only"),
	OPTION(only, "only", RH_OPTION_LIST, .flags = RH_OPTION_SHAPES | RH_OPTION_LINES,
	       .placeholder = "ID|@FILE", .help = "take these source ids only"),
	OPTION(except, "except", RH_OPTION_LIST, .flags = RH_OPTION_SHAPES | RH_OPTION_LINES,
	       .placeholder = "ID|@FILE", .help = "leave these source ids out"),
	OPTION(mended, "mended", RH_OPTION_BOOL,
	       .help = "the input is mended records of the plan before: whom that one refused, and "
		       "who is not among them, stays refused; files with rehome_code say so "
		       "themselves"),
	OPTION(rate, "rate", RH_OPTION_NUMBER, .flags = RH_OPTION_FROM_ONE, .placeholder = "N",
	       .help = "requests per second, also read from RATE_LIMIT; else 0.99 of what the "
		       "provider documents"),
	OPTION(source_rate, "source-rate", RH_OPTION_NUMBER, .flags = RH_OPTION_FROM_ONE,
	       .placeholder = "N",
	       .help = "requests per second at a source whose API is read; else 0.99 of what the "
		       "provider documents"),
	OPTION(concurrency, "concurrency", RH_OPTION_NUMBER, .flags = RH_OPTION_FROM_ONE,
	       .placeholder = "N",
	       .help = "requests in flight at most, also read from CONCURRENCY_LIMIT; never raises "
		       "the rate"),
	OPTION(max_wait_s, "max-wait", RH_OPTION_NUMBER, .fallback = "900",
	       .placeholder = "SECONDS",
	       .help = "stop when the target only asks for pauses for this long"),
	OPTION(max_failures, "max-failures", RH_OPTION_TEXT, .fallback = "50%",
	       .placeholder = "N|P%",
	       .help = "stop when the target refused more than N accounts or parts of them, or "
		       "more "
		       "than P percent of those tried, from 50 on; 100% never stops"),
	OPTION(offline, "offline", RH_OPTION_BOOL,
	       .help = "plan without asking the target anything"),
	OPTION(log_identifiers, "log-identifiers", RH_OPTION_BOOL,
	       .help = "write addresses into the event log instead of pseudonyms"),
	OPTION(prove, "prove", RH_OPTION_TEXT, .placeholder = "FILE",
	       .help = "known test accounts (CSV or JSON lines: id or email, password): their "
		       "passwords "
		       "are tried against the hashes before, and by sign-ins after"),
	OPTION(ca_file, "ca-file", RH_OPTION_TEXT, .placeholder = "FILE",
	       .help = "certificates to trust, PEM"),
	OPTION(proxy, "proxy", RH_OPTION_TEXT, .placeholder = "URL", .help = "proxy for requests"),
	{.name = NULL},
};

bool rh_failures_parse(const char *text, struct rh_failures *out)
{
	struct rh_str number = rh_str_from(text);
	bool is_share = rh_str_ends(number, "%");
	uint64_t limit;

	if (is_share) {
		number = rh_str_sub(number, 0, number.len - 1);
	}
	if (!rh_str_to_u64(number, &limit) || (is_share && limit > 100)) {
		return false;
	}
	*out = (struct rh_failures){.is_share = is_share, .limit = limit};
	return true;
}

bool rh_setting_is_kept(const struct rh_option *option)
{
	static const char *const names[] = {"offline", "ca-file", "proxy", "prove", "mended"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(option->name, names[i]) == 0) {
			return false;
		}
	}
	return true;
}
