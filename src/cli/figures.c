/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of counts on the pages, and their members in the document. */
#include "cli/figures.h"

#include "base/str.h"
#include "cli/migration.h"
#include "cli/print.h"

void rh_figures_put(struct rh_cli *cli, const struct rh_figure *figures, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (figures[i].name == NULL) {
			continue;
		}
		rh_json_key(&cli->json, figures[i].name);
		rh_json_put_u64(&cli->json, figures[i].count);
	}
}

void rh_figures_add(struct rh_buf *page, const struct rh_figure *figures, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		rh_autobuf number = {0};

		if (figures[i].text == NULL || (figures[i].count == 0 && !figures[i].is_always)) {
			continue;
		}
		rh_buf_init(&number, 64);
		rh_print_add_count(&number, figures[i].count);
		rh_buf_printf(page, "%12s  %s\n", number.len > 0 ? number.ptr : "",
			      figures[i].text);
	}
}

void rh_page_print(struct rh_cli *cli, const struct rh_buf *page)
{
	if (page->failed != 0) {
		rh_print(cli, "the page does not fit into memory\n");
	}
	rh_print_bytes(cli, rh_buf_str(page));
}

/* "rehome COMMAND …", with the workspace at hand. */
void rh_page_add_next(struct rh_cli *cli, struct rh_next next, struct rh_buf *line)
{
	struct rh_sides sides = {0};

	next.workspace = rh_migration_sides(cli->migration, &sides, NULL) == RH_OK
				 ? sides.workspace
				 : rh_cli_workspace(cli);
	rh_next_add(cli, &next, line);
}
