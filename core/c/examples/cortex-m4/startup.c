// The example's start-up code on a Cortex-M4F, without a C library: the vectors, the initialization of memory and of
// the floating-point unit, and text output by semihosting.
#include <stdint.h>

#include "../learning.h"

extern uint32_t _data_start[], _data_end[], _data_load[], _bss_start[], _bss_end[], _stack_top[];

// Sends a request to the debugger or emulator that runs the firmware.
static int semihosting(int request, const void *argument) {
  register int r0 __asm__("r0") = request;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

// Writes to the standard output of the debugger or emulator.
void put(const char *text) {
  enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, WRITE_MODE = 4 };
  static const char console[] = ":tt";
  static int handle = -1;
  if (handle < 0) {
    const uint32_t open[3] = {(uint32_t)console, WRITE_MODE, sizeof console - 1};
    handle = semihosting(SYS_OPEN, open);
  }
  uint32_t length = 0;
  while (text[length] != '\0') length++;
  const uint32_t write[3] = {(uint32_t)handle, (uint32_t)text, length};
  semihosting(SYS_WRITE, write);
}

static void leave(int failed) {
  enum { SYS_EXIT_EXTENDED = 0x20, ADP_STOPPED_APPLICATION_EXIT = 0x20026 };
  const uint32_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint32_t)failed};
  for (;;) semihosting(SYS_EXIT_EXTENDED, block);
}

static void fault(void) {
  put("fault\n");
  leave(2);
}

__attribute__((naked)) static void reset(void);

// Stack, reset, non-maskable interrupt, faults.
extern const void *const vectors[];
__attribute__((section(".vectors"), used)) const void *const vectors[] = {
    _stack_top, (const void *)reset, (const void *)fault, (const void *)fault,
    (const void *)fault, (const void *)fault, (const void *)fault,
};

__attribute__((used)) static void start(void) {
  for (uint32_t *to = _data_start, *from = _data_load; to < _data_end;) *to++ = *from++;
  for (uint32_t *to = _bss_start; to < _bss_end;) *to++ = 0;
  leave(learn());
}

// Enables the floating-point unit before any function can use it.
static void reset(void) {
  __asm__ volatile(
      "ldr r0, =0xE000ED88\n"  // CPACR: full access to coprocessors 10 and 11
      "ldr r1, [r0]\n"
      "orr r1, r1, #0xF00000\n"
      "str r1, [r0]\n"
      "dsb\n"
      "isb\n"
      "b start\n");
}
