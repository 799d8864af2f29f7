// libcurl's variadic functions, which are found when they are needed and which Swift cannot call: neither its headers nor
// the library have to be there where Leeway is built. Types and numbers are those of libcurl's stable binary interface.
#ifndef LEEWAY_CURL_H
#define LEEWAY_CURL_H

typedef int (*leeway_curl_variadic)(void *handle, int option, ...);

static inline int leeway_curl_set_long(void *function, void *handle, int option, long value) {
  return ((leeway_curl_variadic)function)(handle, option, value);
}

static inline int leeway_curl_set_pointer(void *function, void *handle, int option, const void *value) {
  return ((leeway_curl_variadic)function)(handle, option, value);
}

static inline int leeway_curl_get_long(void *function, void *handle, int option, long *value) {
  return ((leeway_curl_variadic)function)(handle, option, value);
}

static inline int leeway_curl_get_text(void *function, void *handle, int option, const char **value) {
  return ((leeway_curl_variadic)function)(handle, option, value);
}

typedef unsigned long (*leeway_curl_write)(const char *bytes, unsigned long size, unsigned long count, void *context);
typedef int (*leeway_curl_progress)(void *context, long long total, long long now, long long up, long long upNow);

static inline int leeway_curl_set_write(void *function, void *handle, int option, leeway_curl_write value) {
  return ((leeway_curl_variadic)function)(handle, option, value);
}

static inline int leeway_curl_set_progress(void *function, void *handle, int option, leeway_curl_progress value) {
  return ((leeway_curl_variadic)function)(handle, option, value);
}

#endif
