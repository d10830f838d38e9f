"""From a request to batches on devices and back: fleet, worker, job, batch."""
