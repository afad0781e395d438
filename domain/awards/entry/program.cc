#include "domain/awards/entry/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;

constexpr int kNoProgram = 127;

struct Pipe {
  int read{-1}, write{-1};
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) == 0) read = ends[0], write = ends[1];
  }
  Pipe(const Pipe&) = delete;
  ~Pipe() { close(read), close(write); }
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

void limit(int what, rlim_t to) {
  const rlimit bound{to, to};
  ::setrlimit(what, &bound);  // NOLINT(misc-include-cleaner): sys/resource.h
}

// Between fork and exec of a process with threads: system calls only.
[[noreturn]] void become(char* const* words, const Pipe& out, const Pipe& err, const ProgramLimits& limits) {
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(out.write, STDOUT_FILENO);
  ::dup2(err.write, STDERR_FILENO);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(limits.time / 2).count();
  limit(RLIMIT_CPU, rlim_t(seconds));
  limit(RLIMIT_AS, limits.memory_bytes);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 64);
  // A namespace of its own has no way out; where the kernel forbids that, what the program is told must do.
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) (void)::unshare(CLONE_NEWNET);
  ::setpgid(0, 0);
  static char path[] = "PATH=/usr/bin:/bin", language[] = "LC_ALL=C.UTF-8";
  char* const environment[] = {path, language, nullptr};
  ::execvpe(words[0], words, environment);
  ::_exit(kNoProgram);
}

// Reads both ends until they close, the time is over or there is too much; what is over ends the program.
void listen(pid_t child, Pipe& out, Pipe& err, const ProgramLimits& limits, ProgramOutcome& told) {
  const auto until = std::chrono::steady_clock::now() + limits.time;
  std::array<char, 65536> block{};
  while (out.read >= 0 || err.read >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) told.timed_out = true;
    if (told.timed_out || told.too_much) break;
    pollfd ends[2] = {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}};
    if (::poll(ends, 2, int(left.count())) <= 0) continue;
    for (int i = 0; i < 2; ++i) {
      if ((ends[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      Pipe& end = i == 0 ? out : err;
      std::string& text = i == 0 ? told.out : told.err;
      const ssize_t got = ::read(end.read, block.data(), block.size());
      if (got > 0) text.append(block.data(), std::size_t(got));
      else if (got == 0 || errno != EINTR) Pipe::close(end.read);
      told.too_much = told.too_much || text.size() > limits.output_bytes;
    }
  }
  if (told.timed_out || told.too_much) ::kill(-child, SIGKILL), ::kill(child, SIGKILL);
}

}  // namespace

base::Result<ProgramOutcome> run_program(const std::vector<std::string>& words, const ProgramLimits& limits) {
  std::vector<std::string> copy = words;
  std::vector<char*> pointers;
  for (std::string& word : copy) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  Pipe out, err;
  if (out.read < 0 || err.read < 0) return fail(Errc::unavailable, "no pipe: {}", std::strerror(errno));
  const pid_t child = ::fork();
  if (child < 0) return fail(Errc::unavailable, "no process for {}: {}", words[0], std::strerror(errno));
  if (child == 0) become(pointers.data(), out, err, limits);
  Pipe::close(out.write);
  Pipe::close(err.write);
  ProgramOutcome told;
  listen(child, out, err, limits, told);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  told.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (told.status == kNoProgram && told.out.empty())
    return fail(Errc::unavailable, "the program {} is not installed here", words[0]);
  return told;
}

}  // namespace cityloop::awards
