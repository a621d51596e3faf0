/* SPDX-License-Identifier: Apache-2.0 */
/* The page about fields of a mapping document, in Markdown, from their table and the targets' capabilities. */
#include "base/str.h"
#include "cli/cli.h"
#include "cli/help.h"
#include "cli/print.h"
#include "mapping/fields.h"

#define PAGE_MAX (256U * 1024)

static bool is_list(enum rh_field_type type)
{
	return type == RH_TYPE_EMAILS || type == RH_TYPE_PHONES;
}

/* Titles of the targets that hold it. */
static void add_holders(struct rh_buf *page, const struct rh_field_info *info)
{
	const struct rh_connector *connector;
	bool is_first = true;

	for (size_t i = 0; (connector = rh_connector_at(i)) != NULL; i++) {
		if ((connector->caps.flags & RH_CAP_TARGET) != 0 &&
		    rh_field_is_held(info, &connector->caps)) {
			rh_buf_printf(page, "%s%s", is_first ? "" : ", ", connector->name);
			is_first = false;
		}
	}
	rh_buf_add_cstr(page, is_first ? "-" : "");
}

void rh_help_fields(struct rh_cli *cli)
{
	const struct rh_field_info *info;
	rh_autobuf page = {0};

	rh_buf_init(&page, PAGE_MAX);
	rh_buf_add_cstr(&page,
			"# Fields\n\n"
			"<!-- Made by `rehome help --fields` from the tables of the program; do "
			"not edit. -->\n\n"
			"What a [mapping document](mapping.md) may set under `fields`. Separators "
			"are those of lists in one cell, unless the document says otherwise. A "
			"field that the target\ndoes not hold is told by a finding where an "
			"account has it; it costs nobody the move.\n\n"
			"| field | type | required | separators | what it is | held by |\n"
			"|---|---|---|---|---|---|\n");
	for (size_t i = 0; (info = rh_field_info(i)) != NULL; i++) {
		rh_buf_printf(&page, "| `%s` | %s | %s | %s | %s | ", info->name,
			      rh_field_type_name(info->type),
			      i == RH_FIELD_SOURCE_ID ? "yes" : "no",
			      is_list(info->type) ? "`\\|` `,` `;`" : "-", info->help);
		add_holders(&page, info);
		rh_buf_add_cstr(&page, " |\n");
	}
	rh_print_bytes(cli, rh_buf_str(&page));
}
