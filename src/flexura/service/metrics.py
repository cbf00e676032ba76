"""Figures of the running service for Prometheus: counts, times, names of routes and states; nothing of any patient.

What several processes share (jobs, answers) is counted in the store, so that every worker's are in it.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flexura.service.clinic import Clinic
from flexura.storage.answers import count_answers
from flexura.storage.jobs import count_jobs, oldest_waiting
from flexura.storage.patients import count_emergencies

_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(frozen=True)
class Metrics:
    """What one application counts of its requests, and the registry that shows it."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram


def make_metrics(clinic: Clinic) -> Metrics:
    """Make the figures of one application.

    Parameters
    ----------
    clinic : Clinic
        Its store is asked for jobs and answers whenever somebody looks.

    Returns
    -------
    Metrics
    """
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Stored(clinic))
    labels = ("method", "route")
    return Metrics(
        registry,
        Counter("flexura_requests", "Requests that were answered.", (*labels, "status"), registry=registry),
        Histogram("flexura_request_seconds", "How long they took.", labels, registry=registry, buckets=_SECONDS),
    )


@dataclass(frozen=True, eq=False)  # a registry knows its collectors by identity
class _Stored(Collector):
    """What is read from the store when somebody looks."""

    clinic: Clinic

    def collect(self) -> Iterator[Metric]:
        store = self.clinic.store
        jobs = GaugeMetricFamily("flexura_jobs", "Assessments asked for as jobs, by state.", labels=["state"])
        for state, number in count_jobs(store).items():
            jobs.add_metric([state], number)
        yield jobs
        waiting = oldest_waiting(store)
        wait_s = 0.0 if waiting is None else (store.clock() - waiting).total_seconds()
        yield GaugeMetricFamily("flexura_oldest_job_seconds", "How long the oldest open job waits.", value=wait_s)
        told = "Assessments by where the answer came from: computed (a miss), or given before (a hit)."
        answers = CounterMetricFamily("flexura_answers", told, labels=["source"])
        for source, number in count_answers(store).items():
            answers.add_metric([source], number)
        yield answers
        told = "Emergency accesses, by whether an auditor has reviewed them."
        emergencies = GaugeMetricFamily("flexura_emergencies", told, labels=["state"])
        for reviewed, number in count_emergencies(store).items():
            emergencies.add_metric([reviewed], number)
        yield emergencies
        model = GaugeMetricFamily("flexura_model", "The network in force.", labels=["model"])
        model.add_metric([self.clinic.assessor.model], 1)
        yield model


@dataclass(frozen=True)
class Watch:
    """The middleware that counts; a route is counted by its pattern, so that no id is in the figures."""

    app: ASGIApp
    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, begun = int(HTTPStatus.INTERNAL_SERVER_ERROR), time.perf_counter()

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if route != "none" else "none"
            self.metrics.requests.labels(method, route, status).inc()
            self.metrics.seconds.labels(method, route).observe(time.perf_counter() - begun)


def tell_metrics(request: Request) -> Response:
    """Tell the figures of the service in Prometheus' text format; they hold nothing of any patient."""
    metrics: Metrics = request.app.state.metrics
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
