#include "store/failing_files.h"

#include <rocksdb/file_system.h>

namespace cityloop::store {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus to_status(int error) {
  if (error == 0) return IOStatus::OK();
  IOStatus status = error == ENOSPC ? IOStatus::NoSpace("No space left on device") : IOStatus::IOError("injected");
  if (error == ENOSPC) status.SetRetryable(true);
  return status;
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): the status owns its text

class FailingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FailingFile(std::unique_ptr<FSWritableFile>&& file, std::string path, const DiskFaults& faults)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), faults_(faults) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus fault = to_status(faults_(DiskStep::write, path_));
    return fault.ok() ? FSWritableFileOwnerWrapper::Append(data, options, debug) : fault;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info,
                  IODebugContext* debug) override {
    const IOStatus fault = to_status(faults_(DiskStep::write, path_));
    return fault.ok() ? FSWritableFileOwnerWrapper::Append(data, options, info, debug) : fault;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus fault = to_status(faults_(DiskStep::flush, path_));
    return fault.ok() ? FSWritableFileOwnerWrapper::Sync(options, debug) : fault;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus fault = to_status(faults_(DiskStep::flush, path_));
    return fault.ok() ? FSWritableFileOwnerWrapper::Fsync(options, debug) : fault;
  }

 private:
  const std::string path_;
  const DiskFaults& faults_;
};

class FailingFiles final : public rocksdb::FileSystemWrapper {
 public:
  explicit FailingFiles(const DiskFaults& faults)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(faults) {}

  const char* Name() const override { return "FailingFiles"; }
  IOStatus NewWritableFile(const std::string& path, const FileOptions& options, std::unique_ptr<FSWritableFile>* out,
                           IODebugContext* debug) override {
    if (const IOStatus fault = to_status(faults_(DiskStep::create, path)); !fault.ok()) return fault;
    std::unique_ptr<FSWritableFile> file;
    const IOStatus made = FileSystemWrapper::NewWritableFile(path, options, &file, debug);
    if (made.ok()) *out = std::make_unique<FailingFile>(std::move(file), path, faults_);
    return made;
  }

 private:
  const DiskFaults faults_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> failing_files(const DiskFaults& faults) {
  if (!faults) return rocksdb::FileSystem::Default();
  return std::make_shared<FailingFiles>(faults);
}

}  // namespace cityloop::store
