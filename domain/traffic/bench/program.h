// Runs another program and waits for it, without a shell: the words are its own, blanks and quotes in them included.
#pragma once

#include <spawn.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <string>
#include <vector>

#include "base/result.h"

namespace cityloop::traffic {

// words[0] is found on the PATH. What it prints is thrown away; anything but exit 0 is a failure.
inline base::Status run_quietly(std::vector<std::string> words) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, argv[0], &files, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return base::fail(base::Errc::unavailable, "{} does not start (error {})", words[0], failed);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return base::fail(base::Errc::unavailable, "{} was lost (error {})", words[0], errno);
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return base::fail(base::Errc::invalid, "{} failed (status {})", words[0], status);
  return {};
}

}  // namespace cityloop::traffic
