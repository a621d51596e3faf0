/* SPDX-License-Identifier: Apache-2.0 */
/* The text encodings of str.h: base64 in its alphabets, base32, hex, percent. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

static const char base64_std[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char base64_ab64[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./";
static const char base32_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static const char *base64_alphabet(enum rh_base64_form form)
{
	switch (form) {
	case RH_BASE64_STD:
	case RH_BASE64_STD_NOPAD:
		return base64_std;
	case RH_BASE64_URL_NOPAD:
		return base64_url;
	case RH_BASE64_AB64:
		return base64_ab64;
	}
	return base64_std;
}

/* Writes `bytes` in digits of `bits` bits, highest first, the last filled with zero bits. */
static size_t encode_bits(struct rh_buf *out, struct rh_str bytes, const char *alphabet,
			  unsigned bits)
{
	unsigned pending = 0;
	unsigned pending_bits = 0;
	size_t digits = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		pending = (pending << 8 | (unsigned char)bytes.ptr[i]) & 0xfff;
		pending_bits += 8;
		while (pending_bits >= bits) {
			pending_bits -= bits;
			rh_buf_add_char(out,
					alphabet[pending >> pending_bits & ((1U << bits) - 1)]);
			digits++;
		}
	}
	if (pending_bits > 0) {
		rh_buf_add_char(out,
				alphabet[pending << (bits - pending_bits) & ((1U << bits) - 1)]);
		digits++;
	}
	return digits;
}

void rh_base64_encode(struct rh_buf *out, struct rh_str bytes, enum rh_base64_form form)
{
	size_t digits = encode_bits(out, bytes, base64_alphabet(form), 6);

	for (; form == RH_BASE64_STD && digits % 4 != 0; digits++) {
		rh_buf_add_char(out, '=');
	}
}

void rh_base32_encode(struct rh_buf *out, struct rh_str bytes)
{
	(void)encode_bits(out, bytes, base32_digits, 5); /* no padding: the count is of no use */
}

void rh_hex_encode(struct rh_buf *out, struct rh_str bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *at = rh_buf_reserve(out, 2 * bytes.len);

	if (at == NULL) {
		return;
	}
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.ptr[i];
		at[2 * i] = digits[byte >> 4];
		at[2 * i + 1] = digits[byte & 0xf];
	}
	at[2 * bytes.len] = '\0';
	out->len += 2 * bytes.len;
}

static int base64_digit(char byte)
{
	if (byte >= 'A' && byte <= 'Z') {
		return byte - 'A';
	}
	if (byte >= 'a' && byte <= 'z') {
		return byte - 'a' + 26;
	}
	if (byte >= '0' && byte <= '9') {
		return byte - '0' + 52;
	}
	if (byte == '+' || byte == '-' || byte == '.') {
		return 62;
	}
	return byte == '/' || byte == '_' ? 63 : -1;
}

static int base32_digit(char byte)
{
	if (byte >= 'A' && byte <= 'Z') {
		return byte - 'A';
	}
	if (byte >= 'a' && byte <= 'z') {
		return byte - 'a';
	}
	return byte >= '2' && byte <= '7' ? byte - '2' + 26 : -1;
}

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9') {
		return byte - '0';
	}
	if (byte >= 'a' && byte <= 'f') {
		return byte - 'a' + 10;
	}
	return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* Digits of `bits` bits to bytes; `skipped` bytes are passed over.  A last part that holds a whole digit
 * too much, or bytes that are no digits, make it false. */
static bool decode_bits(struct rh_arena *arena, struct rh_str text, int (*digit_of)(char),
			unsigned bits, const char *skipped, struct rh_str *out)
{
	char *bytes = text.ptr != NULL ? rh_arena_alloc(arena, text.len + 1) : NULL;
	unsigned pending = 0;
	unsigned pending_bits = 0;
	size_t len = 0;

	if (bytes == NULL) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		int digit = digit_of(text.ptr[i]);

		if (digit < 0) {
			if (text.ptr[i] != '\0' && strchr(skipped, text.ptr[i]) != NULL) {
				continue;
			}
			return false;
		}
		pending = (pending << bits | (unsigned)digit) & 0xfff;
		pending_bits += bits;
		if (pending_bits >= 8) {
			pending_bits -= 8;
			bytes[len] = (char)(unsigned char)(pending >> pending_bits);
			len++;
		}
	}
	if (pending_bits >= bits) {
		return false;
	}
	bytes[len] = '\0';
	*out = (struct rh_str){
		.ptr = bytes,
		.len = len,
	};
	return true;
}

bool rh_base64_decode(struct rh_arena *arena, struct rh_str text, struct rh_str *out)
{
	size_t padding = 0;

	while (padding < 2 && padding < text.len && text.ptr[text.len - padding - 1] == '=') {
		padding++;
	}
	if (padding > 0 && text.len % 4 != 0) {
		return false;
	}
	return decode_bits(arena, rh_str_sub(text, 0, text.len - padding), base64_digit, 6, "",
			   out);
}

bool rh_base32_decode(struct rh_arena *arena, struct rh_str text, struct rh_str *out)
{
	return decode_bits(arena, text, base32_digit, 5, " \t\r\n-=", out);
}

bool rh_hex_decode(struct rh_arena *arena, struct rh_str text, struct rh_str *out)
{
	return decode_bits(arena, text, hex_digit, 4, "", out);
}

static bool is_unreserved(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' ||
	       byte == '~';
}

void rh_url_encode(struct rh_buf *out, struct rh_str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];

		if (is_unreserved(text.ptr[i])) {
			rh_buf_add_char(out, text.ptr[i]);
		} else {
			rh_buf_printf(out, "%%%02X", (unsigned)byte);
		}
	}
}

bool rh_url_decode(struct rh_arena *arena, struct rh_str text, struct rh_str *out)
{
	char *bytes = text.ptr != NULL ? rh_arena_alloc(arena, text.len + 1) : NULL;
	size_t len = 0;

	if (bytes == NULL) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		char byte = text.ptr[i];

		if (byte == '%') {
			int high = text.len - i > 2 ? hex_digit(text.ptr[i + 1]) : -1;
			int low = text.len - i > 2 ? hex_digit(text.ptr[i + 2]) : -1;

			if (high < 0 || low < 0) {
				return false;
			}
			byte = (char)(unsigned char)(high * 16 + low);
			i += 2;
		}
		bytes[len] = byte;
		len++;
	}
	bytes[len] = '\0';
	*out = (struct rh_str){
		.ptr = bytes,
		.len = len,
	};
	return true;
}
