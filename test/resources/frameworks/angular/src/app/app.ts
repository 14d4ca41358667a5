import { Component } from '@angular/core';
import { RouterLink, RouterOutlet } from '@angular/router';

@Component({ selector: 'app-root', imports: [RouterOutlet, RouterLink], template: '<a routerLink="/pricing">Pricing</a><router-outlet />' })
export class App {}
