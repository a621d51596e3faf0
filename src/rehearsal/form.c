/* SPDX-License-Identifier: Apache-2.0 */
/* Forms: Base64 and e-mail addresses. */
#include "rehearsal/form.h"

#include "base/str.h"

enum {
	EMAIL_MAX = 254,
	EMAIL_LOCAL_MAX = 64,
	LABEL_MAX = 63,
};

static bool is_letter_or_digit(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= '0' && byte <= '9');
}

bool rh_form_base64(struct rh_arena *arena, struct rh_str text, bool is_padded, struct rh_str *out)
{
	size_t len = text.len;

	while (is_padded && len > 0 && text.len - len < 2 && text.ptr[len - 1] == '=') {
		len--;
	}
	if (text.ptr == NULL || len % 4 == 1 || (is_padded && text.len % 4 != 0)) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (!is_letter_or_digit(text.ptr[i]) && text.ptr[i] != '+' && text.ptr[i] != '/') {
			return false;
		}
	}
	return rh_base64_decode(arena, rh_str_sub(text, 0, len), out);
}

static bool is_local_byte(char byte)
{
	return is_letter_or_digit(byte) || (unsigned char)byte >= 0x80 ||
	       (byte != '\0' && strchr(".!#$%&'*+/=?^_`{|}~-", byte) != NULL);
}

bool rh_form_is_label(struct rh_str label)
{
	for (size_t i = 0; i < label.len; i++) {
		char byte = label.ptr[i];
		bool is_edge = i == 0 || i == label.len - 1;

		if (!is_letter_or_digit(byte) && (unsigned char)byte < 0x80 &&
		    (byte != '-' || is_edge)) {
			return false;
		}
	}
	return label.len > 0 && label.len <= LABEL_MAX;
}

bool rh_form_is_email(struct rh_str text, struct rh_str *out_top)
{
	struct rh_str rest = text;
	struct rh_str local = rh_str_cut(&rest, '@');
	struct rh_str label = RH_STR_ABSENT;
	size_t label_count = 0;

	if (text.len > EMAIL_MAX || local.len == 0 || local.len > EMAIL_LOCAL_MAX ||
	    rest.ptr == NULL || local.ptr[0] == '.' || local.ptr[local.len - 1] == '.') {
		return false;
	}
	for (size_t i = 0; i < local.len; i++) {
		if (!is_local_byte(local.ptr[i]) ||
		    (i > 0 && local.ptr[i] == '.' && local.ptr[i - 1] == '.')) {
			return false;
		}
	}
	while (rest.ptr != NULL) {
		label = rh_str_cut(&rest, '.');
		label_count++;
		if (!rh_form_is_label(label)) {
			return false;
		}
	}
	if (out_top != NULL) {
		*out_top = label;
	}
	return label_count >= 2 && label.len >= 2;
}
