/* SPDX-License-Identifier: Apache-2.0 */
/* The page about findings, in Markdown, from their table and from what made-up exports show of them. */
#include "base/str.h"
#include "cli/cli.h"
#include "cli/help.h"
#include "cli/print.h"
#include "cli/tables.h"

#define PAGE_MAX (1U * 1024 * 1024)

static const char *const severities[] = {
	[RH_SEVERITY_INFO] = "info: nothing is lost",
	[RH_SEVERITY_LOSS] = "loss: the account moves, something of it does not",
	[RH_SEVERITY_REFUSE] = "refuse: the account does not move",
};

/* A phrase of the table as a sentence. */
static void add_sentence(struct rh_buf *page, const char *label, const char *phrase)
{
	bool is_small = phrase[0] >= 'a' && phrase[0] <= 'z';
	size_t len = strlen(phrase);

	rh_buf_printf(page, "- **%s** %c%s%s\n", label,
		      is_small ? (char)(phrase[0] - 'a' + 'A') : phrase[0], phrase + 1,
		      len > 0 && phrase[len - 1] == '.' ? "" : ".");
}

static bool shows(const struct rh_sample_effect *effect, enum rh_finding_code code)
{
	for (size_t i = 0; i < RH_SAMPLE_FINDINGS_MAX; i++) {
		if (effect->findings[i] == code) {
			return true;
		}
	}
	return false;
}

/* The first format of the bits; every effect has one. */
static const char *first_format(unsigned forms)
{
	return rh_sample_formats[__builtin_ctz(forms)];
}

static void add_example(struct rh_buf *page, const struct rh_connector *connector,
			const struct rh_sample_trouble *trouble,
			const struct rh_sample_effect *effect)
{
	rh_buf_printf(page, "  - `rehome sample --provider %s --format %s --trouble %s`",
		      connector->name, first_format(effect->forms), trouble->name);
	if (effect->options != NULL) {
		rh_buf_printf(page, ", planned with `%s`", effect->options);
	}
	rh_buf_printf(page, ": %s\n", trouble->help);
}

/* Where no export shows it: what it depends on instead, which follows from the group of codes. */
static const char *elsewhere(enum rh_finding_code code)
{
	switch ((int)code / 100) {
	case 6:
		return "It depends on who is at the target already, or on an earlier run";
	case 7:
		return "It depends on what was asked for";
	case 8:
		return "The target says it during `apply`";
	default:
		return "No made-up export of one file shows it";
	}
}

/* An effect that says this, or, with code 0, that ends the reading; from `at` on, in the order of the tables. */
static void add_examples(struct rh_buf *page, enum rh_finding_code code, const char *none)
{
	const struct rh_connector *connector;
	bool is_shown = false;

	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		const struct rh_sample_trouble *trouble = connector->sample_troubles;
		for (; trouble != NULL && trouble->name != NULL; trouble++) {
			const struct rh_sample_effect *effect = trouble->effects;
			while (effect->forms != 0 &&
			       !(code != 0 ? shows(effect, code) : effect->stops_plan)) {
				effect++;
			}
			if (effect->forms != 0) {
				rh_buf_add_cstr(page,
						is_shown || code == 0 ? "" : "- **To see it:**\n");
				add_example(page, connector, trouble, effect);
				is_shown = true;
			}
		}
	}
	if (!is_shown && none != NULL) {
		add_sentence(page, "To see it:", none);
	}
}

static void add_finding(struct rh_buf *page, const struct rh_finding_info *info)
{
	rh_buf_printf(page, "\n## %s %s\n\n", info->id, info->name);
	add_sentence(page, "Severity:", severities[info->severity]);
	add_sentence(page, "What is so:", info->what);
	add_sentence(page, "What happens:", info->then);
	add_sentence(page, "What to do:", info->todo);
	add_examples(page, info->code, elsewhere(info->code));
}

void rh_help_findings(struct rh_cli *cli)
{
	const struct rh_finding_info *info;
	rh_autobuf page = {0};

	rh_buf_init(&page, PAGE_MAX);
	rh_buf_add_cstr(&page, "# Findings\n\n"
			       "<!-- Made by `rehome help --findings` from the tables of the "
			       "program; do not edit. -->\n\n"
			       "What a plan says of accounts that do not simply move has a code. A "
			       "code never changes its "
			       "meaning and is never used again.\n"
			       "RH01xx are about the record, RH02xx about identifiers, RH03xx "
			       "about the password hash, "
			       "RH04xx about metadata and fields,\n"
			       "RH05xx about second factors and other sign-ins, RH06xx about "
			       "duplicates and who is at the "
			       "target, RH07xx about what was asked for;\n"
			       "RH08xx are said by `apply`; RH09xx are about organizations, "
			       "domains, roles, permissions, memberships and invitations.\n\n"
			       "`rehome sample` makes up exports that show most of them: each kind "
			       "of trouble is one record "
			       "(or two) beside people of whom\n"
			       "nothing is wrong. `--trouble all` has every kind that leaves a "
			       "file of which a plan comes.\n");
	for (size_t i = 0; (info = rh_finding_at(i)) != NULL; i++) {
		add_finding(&page, info);
	}
	rh_buf_add_cstr(
		&page,
		"\n## Files without a plan\n\n"
		"An export that cannot be read to its end, or is none, is refused whole: "
		"nobody could tell who is missing. `plan` says where it ends, and exits with 2.\n\n"
		"- **To see it:**\n");
	add_examples(&page, (enum rh_finding_code)0, NULL);
	rh_print_bytes(cli, rh_buf_str(&page));
}
