/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the fields of an account. */
#include "mapping/fields.h"

#include "base/str.h"

static const struct rh_field_info fields[RH_FIELDS] = {
#define ROW(constant, text, kind, who, what) \
	[RH_FIELD_##constant] = {            \
		.name = (text),              \
		.type = RH_TYPE_##kind,      \
		.holder = RH_HOLDER_##who,   \
		.help = (what),              \
	},
	RH_FIELD_MAP(ROW)
#undef ROW
};

const struct rh_field_info *rh_field_info(size_t field)
{
	return field < RH_FIELDS ? &fields[field] : NULL;
}

int rh_field_find(struct rh_str name)
{
	for (int i = 0; i < RH_FIELDS; i++) {
		if (rh_str_is(name, fields[i].name)) {
			return i;
		}
	}
	return -1;
}

const char *rh_field_type_name(enum rh_field_type type)
{
	static const char *const names[] = {
		[RH_TYPE_TEXT] = "text",         [RH_TYPE_NAME] = "name",
		[RH_TYPE_BOOL] = "bool",         [RH_TYPE_TIME] = "time",
		[RH_TYPE_COUNT] = "count",       [RH_TYPE_METADATA] = "metadata",
		[RH_TYPE_EMAILS] = "emails",     [RH_TYPE_PHONES] = "phones",
		[RH_TYPE_PASSWORD] = "password", [RH_TYPE_IDENTITIES] = "identities",
	};

	return names[type];
}

bool rh_field_is_held(const struct rh_field_info *info, const struct rh_caps *caps)
{
	switch (info->holder) {
	case RH_HOLDER_ALL:
		return true;
	case RH_HOLDER_NONE:
		return false;
	case RH_HOLDER_EXTERNAL_ID:
		return caps->external_id_max > 0;
	case RH_HOLDER_PHONES:
		return caps->phones_max > 0;
	case RH_HOLDER_USERNAME:
		return caps->holds_username;
	case RH_HOLDER_PASSWORD:
		return caps->schemes != 0;
	case RH_HOLDER_TOTP:
		return caps->holds_totp;
	case RH_HOLDER_BLOCK:
		return (caps->flags & RH_CAP_CAN_BLOCK) != 0;
	case RH_HOLDER_PUBLIC:
		return (caps->metadata_kinds & (1U << RH_METADATA_PUBLIC)) != 0;
	case RH_HOLDER_PRIVATE:
		return (caps->metadata_kinds & (1U << RH_METADATA_PRIVATE)) != 0;
	case RH_HOLDER_UNSAFE:
		return (caps->metadata_kinds & (1U << RH_METADATA_UNSAFE)) != 0;
	}
	return false;
}
