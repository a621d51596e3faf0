/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses requests may go to. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <rehome/types.h>

/* RH_OK for https:// and, where the host is loopback, for http://, without a user or password in it;
 * parsed by the same code that later connects.  RH_EUSAGE: not for others; RH_ENOMEM: nobody knows.
 * *is_local: the host is loopback; set in either case. */
RH_NODISCARD int rh_address_check(const char *url, bool *is_local);

#endif
